from rag.page.script import PANEL_ID, REMOVAL_ID, TARGET_ID, draw_head


def test_the_script_asks_nothing_of_the_network_and_evaluates_nothing() -> None:
    head = draw_head()
    for word in ("://", "fetch(", "XMLHttp", "eval(", "Function(", "innerHTML", "src="):
        assert word not in head, word


def test_the_script_names_the_parts_that_the_page_has() -> None:
    head = draw_head()
    assert f'getElementById("{PANEL_ID}")' in head
    assert f'tell("{TARGET_ID}", ' in head
    assert f'tell("{REMOVAL_ID}", ' in head
    assert head.count("</script>") == 1
