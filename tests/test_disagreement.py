from pathlib import Path

import numpy as np
import pytest

from rag.chatbot import Chatbot
from rag.generate.disagreement import contradicts, find_disagreement
from rag.generate.entities.dates import read_dates
from rag.generate.entities.quantities import read_quantities
from rag.generate.evidence import gather_evidence
from rag.records import Encoder
from tests.fakes import write_files

MORNING = "# The Morning Post\n\nThe tram line in Lahore has 27 stations. It was opened in 1932."
EVENING = "# The Evening Star\n\nThe tram line in Lahore has 31 stations. It was opened in 1932."
FAIR = {
    "noon.md": "# Noon\n\nThe fair in Bramarlomtal drew roughly 250 visitors.",
    "dusk.md": "# Dusk\n\nThe fair in Bramarlomtal drew 251 visitors.",
}
TOWERS = {
    "north.md": "# North\n\nThe tower of Bramarlomvik is 41 metres high.",
    "south.md": "# South\n\nThe tower of Bramarbravik is 38 metres high.",
}
YEARS = {
    "first.md": "# Spring\n\nIn 2023, 3,100 people attended the games in Bramarlomdorf.",
    "second.md": "# Summer\n\nIn 2024, 4,250 people attended the games in Bramarlomdorf.",
}
DOSES = {
    "leaflet.md": "# Leaflet of Cortavel\n\nThe maximum dose is 80 mg a day.",
    "notes.md": "# Notes\n\nThe maximum dose of Cortavel is 60 mg a day.",
}
OTHER = "# Buses\n\nThe bus line in Multan has 44 stops. Soup is made of vegetables."


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Chatbot:
    texts = {"a.md": MORNING, "b.md": EVENING, "c.md": OTHER, **TOWERS, **FAIR, **YEARS, **DOSES}
    corpus: Path = write_files(tmp_path_factory.mktemp("papers") / "corpus", texts)
    return Chatbot.from_corpus(corpus, encoder=encoder)


def test_where_two_articles_differ_both_are_shown_with_their_sources(bot: Chatbot) -> None:
    answer = bot.ask("How many stations has the tram line in Lahore?")
    assert "**27**" in answer.text
    assert "**31**" in answer.text
    assert {citation.passage.doc_id for citation in answer.citations} == {"a.md", "b.md"}
    (notice,) = answer.notices
    assert notice.startswith("The articles differ here: ")
    assert "27 stations" not in notice
    assert "27 (The Morning Post)" in notice
    assert "31 (The Evening Star)" in notice


def test_where_they_agree_nothing_is_said_about_it(bot: Chatbot) -> None:
    answer = bot.ask("When was the tram line in Lahore opened?")
    assert "1932" in answer.text
    assert answer.notices == ()


def test_a_rough_figure_does_not_differ_from_an_exact_one(bot: Chatbot) -> None:
    answer = bot.ask("How many visitors did the fair in Bramarlomtal draw?")
    assert "25" in answer.text
    assert answer.notices == ()


def test_figures_of_different_years_are_no_disagreement(bot: Chatbot) -> None:
    answer = bot.ask("How many people attended the games in Bramarlomdorf?")
    assert "people attended" in answer.text
    assert answer.notices == ()


def test_what_an_article_names_in_its_title_alone_is_compared_too(bot: Chatbot) -> None:
    question = "What is the maximum dose of Cortavel?"
    evidence = gather_evidence(question, bot.retrieve(question), bot.encoder)
    scores = np.array(["maximum dose" in s.text for s in evidence.sentences], dtype=float)
    found = find_disagreement(question, evidence, 9 * scores)
    assert "60 (Notes)" in found.notice
    assert "80 (Leaflet of Cortavel)" in found.notice


def test_numbers_of_different_things_are_no_disagreement(bot: Chatbot) -> None:
    answer = bot.ask("How many stops has the bus line in Multan?")
    assert "**44**" in answer.text
    assert answer.notices == ()


def test_the_same_said_of_another_name_is_no_disagreement(bot: Chatbot) -> None:
    for asked in ("How high is the tower of Bramarlomvik?", "How high is the tower?"):
        answer = bot.ask(asked)
        assert answer.notices == ()
        assert not ("41" in answer.text and "38" in answer.text and answer.notices)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("30%", "40%", True),
        ("30%", "thirty percent", False),
        ("30%", "30 km", False),
        ("more than 250", "300", False),
        ("$5bn", "$5 billion", False),
        ("12", "13", True),
        ("half a million", "500,000", False),
        ("1.2 million", "1.21 million", False),
        ("a third of", "33%", False),
        ("about 250", "251", False),
    ],
)
def test_only_exact_numbers_of_one_unit_contradict(first: str, second: str, expected: bool) -> None:
    (one,), (other,) = read_quantities(first), read_quantities(second)
    assert contradicts(one, other) is expected
    assert contradicts(other, one) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("4 September 2025", "Sept. 4", False),
        ("4 September 2025", "5 September 2025", True),
        ("May 2024", "May 2025", True),
        ("May 2024", "4 May", False),
        ("4/9/2025", "9 April 2025", False),
        ("4/9/2025", "5 September 2025", True),
    ],
)
def test_dates_contradict_in_what_both_say(first: str, second: str, expected: bool) -> None:
    assert contradicts(read_dates(first)[0], read_dates(second)[0]) is expected
