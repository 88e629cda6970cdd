"""The page for everybody: read aloud, by keyboard, small, dark, and with no network.

One server, over the two articles of ``fakes_page``, answers all tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from rag.page import wording
from tests.serving import SIZE, serve_quotations
from tests.test_ui import Visit, in_browser, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

RISE = "When does the river rise?"
# What marks where the focus is; of the field for a question, it is the box around it.
RING = """() => {
    const active = document.activeElement;
    const style = getComputedStyle(active.closest("#question .input-container") || active);
    return style.outlineStyle + style.boxShadow;
}"""
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve_quotations(tmp_path_factory.mktemp("cared")) as address:
        yield address


@pytest.fixture
def come(browser: Browser, served: str) -> Iterator[Callable[..., Visit]]:
    people: list[Visit] = []

    def bring(**options: Any) -> Visit:
        people.append(visit(browser, served, **{"viewport": SIZE, **options}))
        people[-1].page.wait_for_selector("#panel .articles")
        return people[-1]

    yield bring
    for each in people:
        each.page.context.close()


def find_barriers(page: Page) -> list[str]:
    """What axe-core finds on the page that keeps somebody out: rule, and where."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['target']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def turn_to(page: Page, view: str) -> None:
    page.click(f'button[role="tab"][data-tab-id="{view}"]')
    page.wait_for_timeout(300)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scheme", "size"), [("light", SIZE), ("dark", PHONE)], ids=["light", "dark and small"]
)
@in_browser
def test_no_view_keeps_anybody_out(
    come: Callable[..., Visit], scheme: str, size: dict[str, int]
) -> None:
    seen = come(color_scheme=scheme, viewport=size)
    page = seen.page
    assert find_barriers(page) == []
    seen.ask(RISE, 1)
    seen.ask("Please abstain.", 2)
    page.focus("#answer-1 a.cite")
    assert find_barriers(page) == []
    page.click("#answer-1 a.cite")
    page.wait_for_selector("#panel .reader")
    assert find_barriers(page) == []
    for view in ("articles", "evaluation"):
        turn_to(page, view)
        assert find_barriers(page) == []


@pytest.mark.slow
@in_browser
def test_axe_finds_what_is_there_to_be_found(come: Callable[..., Visit]) -> None:
    page = come().page
    page.evaluate(
        "() => document.body.insertAdjacentHTML('beforeend', '<button id=nameless></button>')"
    )
    assert find_barriers(page) == ["button-name: ['#nameless']"]


@in_browser
def test_a_number_shows_its_sentence_to_pointer_and_keyboard(come: Callable[..., Visit]) -> None:
    seen = come()
    page = seen.page
    seen.ask(RISE, 1)
    sentence = wording.CITED_TITLE.format(number=1, quote="The river rises in May.")
    page.hover("#answer-1 a.cite")
    assert page.inner_text("#cite-tip:visible") == sentence
    page.hover("#cite-tip")  # it can be read, and copied from
    page.wait_for_timeout(300)
    assert page.is_visible("#cite-tip")
    page.keyboard.press("Escape")
    assert page.is_hidden("#cite-tip")
    page.focus("#question textarea")
    while page.evaluate("() => !document.activeElement.matches('a.cite')"):
        page.keyboard.press("Shift+Tab")
    assert page.inner_text("#cite-tip:visible") == sentence
    assert page.get_attribute("#answer-1 a.cite", "aria-describedby") == "cite-tip"
    page.keyboard.press("Tab")
    assert page.is_hidden("#cite-tip")


@in_browser
def test_a_question_is_asked_read_and_asked_again_by_keyboard_alone(
    come: Callable[..., Visit],
) -> None:
    page = come().page

    def tab_to(selector: str, key: str = "Tab") -> None:
        for _ in range(60):
            if page.evaluate("(each) => document.activeElement.matches(each)", selector):
                break
            page.keyboard.press(key)
        assert page.evaluate("(each) => document.activeElement.matches(each)", selector), selector
        assert page.evaluate(RING) != "nonenone"  # it is seen where one is

    tab_to("#question textarea")
    page.keyboard.type(RISE)
    page.keyboard.press("Enter")
    page.wait_for_selector("#answer-1 .foot")
    tab_to("#answer-1 a.cite", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel .reader")
    page.wait_for_function("() => document.activeElement.closest('#panel') !== null")
    tab_to("#panel .ways a:last-child", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'mark-1-1'")
    tab_to("#answer-1 a.change")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.matches('#again textarea')")
    page.keyboard.press("Control+a")
    page.keyboard.type("old wood")
    page.keyboard.press("Enter")
    page.wait_for_selector("#answer-2 .foot")
    assert "old wood" in page.inner_text("#answer-2 .found")
    tab_to('button[role="tab"][data-tab-id="articles"]', "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#library .title")


@pytest.mark.slow
@in_browser
def test_a_passage_says_why_it_was_found(come: Callable[..., Visit]) -> None:
    seen = come()
    page = seen.page
    seen.ask(RISE, 1)
    assert page.inner_text("#panel .card h3") == "1\nThe river"
    assert "The Gazette" in page.inner_text("#panel .card .about")
    page.click("#panel .card summary")
    facts = page.inner_text("#panel .card dl").split("\n")
    assert facts[:6] == ["Words in common", "river, rise", "Rank by meaning", "1"] + facts[4:6]
    assert facts[4] == "Rank by words"
    assert "90 %" in page.inner_text("#answer-1 .found")
    assert RISE in page.inner_text("#answer-1 .found q")


@in_browser
def test_a_refusal_is_no_answer_and_leads_on(come: Callable[..., Visit]) -> None:
    seen = come()
    page = seen.page
    assert seen.ask("Please abstain on the river.", 1) == "The articles do not say."
    assert wording.NEAREST_MORE in page.inner_text("#answer-1")
    assert page.locator("#answer-1 a.cite").count() == 0
    page.click("#answer-1 .near a")
    page.wait_for_selector("#panel .reader #cited")
    page.click("#answer-1 a[href='#view-articles']")
    page.wait_for_selector("#drop")
    assert page.is_visible("#drop")


@pytest.mark.slow
@in_browser
def test_nothing_jumps_while_an_answer_grows(come: Callable[..., Visit]) -> None:
    seen = come()
    page = seen.page
    seen.ask(RISE, 1)
    page.evaluate(
        """() => {
            window.shifts = [];
            new PerformanceObserver((list) => {
                for (const each of list.getEntries()) {
                    for (const source of each.sources) {
                        const node = source.node && source.node.parentElement;
                        window.shifts.push((node ? node.outerHTML : "?").slice(0, 200));
                    }
                }
            }).observe({ type: "layout-shift" });
            window.place = document.querySelector("#question").getBoundingClientRect().top;
        }"""
    )
    page.fill("#question textarea", "slow river")
    page.press("#question textarea", "Enter")
    page.wait_for_selector("text=Word 5")
    page.wait_for_timeout(700)  # what follows within half a second of a key is not counted
    page.evaluate("() => { window.shifts = []; }")
    before = page.inner_text("#chat .bot-row >> nth=-1")
    page.wait_for_timeout(3000)
    assert page.inner_text("#chat .bot-row >> nth=-1") != before
    assert page.evaluate("() => window.shifts") == []
    page.click("#question button[aria-label=Stop]")
    page.wait_for_selector("#question button[aria-label=Ask]")


@pytest.mark.parametrize("width", [360, 1600])
@pytest.mark.slow
@in_browser
def test_every_view_fits_the_window(come: Callable[..., Visit], width: int) -> None:
    seen = come(viewport={"width": width, "height": 900})
    page = seen.page
    seen.ask(RISE, 1)
    seen.ask("Please abstain.", 2)
    for view in ("chat", "articles", "evaluation"):
        turn_to(page, view)
        assert page.evaluate("() => document.documentElement.scrollWidth") == width


@pytest.mark.slow
@in_browser
def test_the_page_needs_no_network(browser: Browser, served: str) -> None:
    seen = visit(browser, served, viewport=SIZE)
    page = seen.page
    refused: list[str] = []

    def admit(route: Any) -> None:
        if route.request.url.startswith(served):
            route.continue_()
        else:
            refused.append(route.request.url)
            route.abort()

    page.context.route("**/*", admit)
    page.reload()
    page.wait_for_selector("#panel .articles")
    seen.ask(RISE, 1)
    page.click("#answer-1 a.cite")
    page.wait_for_selector("#panel .reader")
    for view in ("articles", "evaluation", "chat"):
        turn_to(page, view)
    assert refused == []
    assert seen.outside == []
    fonts = "() => [...document.fonts].filter((each) => each.status === 'loaded').length"
    assert page.evaluate(fonts) == 0  # those of the system are enough
    page.context.close()
