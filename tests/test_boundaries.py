import time

import pytest

from rag.ingest.boundaries import find_boundaries


def sentences(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in find_boundaries(text)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Die Stadtwerke erhöhen zum 1. September 2025 den Preis.",
        "Sie gehört seit dem 1. Januar der Stadt.",
        "Im 19. Jahrhundert stand der 2. und 3. Stock leer.",
        "Am 3. Tag kam er.",
        "It costs approx. £5 to enter.",
        "See Vol. 2 of it.",
        "Built in est. 1890 with max. five rooms.",
        "It made $1.5 bn. vs. none.",
        "Add two tbsp. of oil.",
        "On Sat. Sept. 4 it closed.",
    ],
)
def test_an_ordinal_or_a_short_form_that_goes_on_ends_no_sentence(sentence: str) -> None:
    assert sentences(f"{sentence} Then he left.") == [sentence, "Then he left."]


@pytest.mark.parametrize(
    "text",
    [
        "He has 3.|Then he came.",
        "I am 5.|He is 6.",
        "It was in 1990.|5 men came.",
        "See note 13.|benefit plans are below.",
        "He sat.|4 men stood.",
        "He came on Sat.|Then he left.",
        "It is 5 ft.|It was 4.",
        "That is the max.|He knew it.",
    ],
)
def test_a_number_or_a_short_form_may_end_a_sentence_all_the_same(text: str) -> None:
    assert sentences(text.replace("|", " ")) == text.split("|")


@pytest.mark.parametrize(
    "text",
    [
        "It is **14 km long.**|It has *three* inns.",
        "**Snapshots.**|They are new.",
        "It is *so.*|Yes.",
        "It fell.[^1]|It **rose.**[^2]|Then it fell.",
        "It is so.|**Then** it fell.",
    ],
)
def test_emphasis_and_footnotes_that_close_behind_the_end_belong_to_the_sentence(text: str) -> None:
    assert sentences(text.replace("|", " ")) == text.split("|")


@pytest.mark.parametrize("piece", ["*", "_", "*_", "[^", "[^a]", "1. ", "und 1. ", "approx. "])
def test_a_hostile_paragraph_takes_no_time(piece: str) -> None:
    started = time.process_time()
    assert sentences(f"It is. {piece * 2_000}") != []
    assert time.process_time() - started < 1
