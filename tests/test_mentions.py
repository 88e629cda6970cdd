from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.chatbot import Chatbot
from rag.generate.citations import ABSTENTION
from rag.generate.mentions import N_SHOWN
from rag.index import Index, update_index
from rag.records import Answer, Passage, Turn
from rag.retrieve.mentions import N_LISTED, add_listed, find_mentions
from tests.fakes import WordEncoder, write_files

MAKERS = [
    f"{start}{end}" for start in ("Al", "Bor", "Cen", "Dul") for end in ("core", "vale", "drin")
]
TOWNS = {
    f"town{number:02}.md": (
        f"# Town {number}\n\nThe river stayed low for most of the week.\n\n## Trade\n\n"
        f"{maker} is a company that makes bicycles. It has {20 + number} employees."
    )
    for number, maker in enumerate(MAKERS)
}
OTHERS = {
    "soup.md": "# Soup\n\nSoup is made of vegetables.",
    "bell.md": "# The bell\n\nThe bicycle needs a bell.\n\n## Shops\n\nA bicycle shop sells bells.",
}


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Chatbot:
    corpus = write_files(tmp_path_factory.mktemp("towns") / "corpus", TOWNS | OTHERS)
    return Chatbot.from_corpus(corpus, encoder=WordEncoder(dimension=1024))


def lines(answer: Answer) -> list[str]:
    return answer.text.splitlines()


# Finding


def test_every_article_that_has_the_words_is_found_however_many_there_are(bot: Chatbot) -> None:
    hits = find_mentions(bot.index, "a bicycle")
    assert {hit.passage.doc_id for hit in hits} == {*TOWNS, "bell.md"}
    assert [hit.rank for hit in hits] == list(range(1, len(TOWNS) + 2))
    assert hits[0].passage.doc_id == "bell.md"  # which has two passages with the word


def test_all_words_must_stand_together_in_one_passage(bot: Chatbot) -> None:
    assert [hit.passage.doc_id for hit in find_mentions(bot.index, "Alvale bicycles")] == [
        "town01.md"
    ]
    assert find_mentions(bot.index, "Alvale soup") == []
    assert find_mentions(bot.index, "helicopters") == []


def test_a_word_in_a_heading_counts_for_the_passages_below_it(bot: Chatbot) -> None:
    assert {hit.passage.doc_id for hit in find_mentions(bot.index, "trade")} == set(TOWNS)


def test_a_compound_counts_by_its_rarest_part(tmp_path: Path) -> None:
    texts = {
        "a.md": "Sodium-ion cells are new. " + "An ion is small. " * 5,
        "b.md": "An ion, an ion and an ion.",
        "c.md": "Sodium is a metal. Any ion has a charge.",
    }
    encoder = WordEncoder()
    update_index(write_files(tmp_path / "corpus", texts), tmp_path / "index", encoder)
    index = Index.open(tmp_path / "index", encoder)
    assert [hit.passage.doc_id for hit in find_mentions(index, "sodium-ion")] == ["a.md"]
    index.close()


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("China", "The Pakistan-China corridor grew."),
        ("sodium ion batteries", "Sodium-ion batteries came."),
        ("sodium-ion batteries", "Sodium ion batteries came."),
        ("Khan's plan", "Khan has a plan."),
        ("Khan plan", "It was Khan’s plan."),
        ("U.S. tariffs", "The U.S. has tariffs."),
    ],
)
def test_a_word_counts_with_its_hyphen_and_without(tmp_path: Path, topic: str, text: str) -> None:
    encoder = WordEncoder()
    texts = {"a.md": text, "b.md": "The sodium plan of tariffs."}
    update_index(write_files(tmp_path / "corpus", texts), tmp_path / "index", encoder)
    index = Index.open(tmp_path / "index", encoder)
    assert [hit.passage.doc_id for hit in find_mentions(index, topic)] == ["a.md"]
    index.close()


@pytest.mark.parametrize(
    ("topic", "found"),
    [
        ("Alcore or soup", {"town00.md", "soup.md"}),
        ("Alcore, Alvale or soup", {"town00.md", "town01.md", "soup.md"}),
        ("vegetables/employees but not Alcore", {*TOWNS, "soup.md"} - {"town00.md"}),
        ("river and employees", set(TOWNS)),  # in passages of their own
        ("bells and vegetables", set()),
        ("soup and ???", {"soup.md"}),
    ],
)
def test_or_and_and_not_are_understood(bot: Chatbot, topic: str, found: set[str]) -> None:
    assert {hit.passage.doc_id for hit in find_mentions(bot.index, topic)} == found


def test_a_list_gets_every_other_passage_with_most_of_the_words(bot: Chatbot) -> None:
    hits = bot.retrieve("Which company makes bicycles?", k=3)
    listed = add_listed(hits, bot.index, "companies that make bicycles")
    assert listed[:3] == hits
    assert {hit.passage.doc_id for hit in listed} >= set(TOWNS)
    assert [hit.rank for hit in listed] == list(range(1, len(listed) + 1))
    assert len({hit.passage.passage_id for hit in listed}) == len(listed)


class Endless:
    """An index in which every passage has every word."""

    def search_lexical(self, query: str, k: int) -> list[tuple[int, float]]:
        return [(number, 1.0) for number in range(k)]

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        return [
            Passage(f"id{number}", f"{number}.md", 0, len(text), "", text)
            for number in ids
            for text in (f"Car number {number}.",)
        ]

    def document_frequency(self, words: Sequence[str]) -> dict[str, int]:
        return dict.fromkeys(words, 5_000)


def test_a_list_of_what_every_passage_has_is_gathered_from_a_bounded_number() -> None:
    assert len(add_listed([], Endless(), "cars")) == N_LISTED


# Answering


def test_which_articles_is_answered_with_a_cited_sentence_of_each(bot: Chatbot) -> None:
    answer = bot.ask("Which articles mention a company?")
    lead, *rest = lines(answer)
    everything = "".join(f"[{n}]" for n in range(1, 13))
    assert lead == f"12 of the 14 articles mention “company”: {everything}"
    assert rest[1] == "- Town 1: Alvale is a company that makes bicycles. [2]"
    assert len(rest) == 12
    assert {citation.passage.doc_id for citation in answer.citations} == set(TOWNS)
    assert (answer.confidence, answer.abstained) == (1.0, False)


def test_how_many_articles_is_counted_over_all_of_them(bot: Chatbot) -> None:
    answer = bot.ask("How many articles mention bells?")
    assert lines(answer)[0] == "1 of the 14 articles mentions “bells”: [1]"
    assert answer.citations[0].quote == "The bicycle needs a bell."


def test_what_was_said_before_is_not_counted_too(bot: Chatbot) -> None:
    history = [Turn("What is soup made of?", "Soup is made of vegetables. [1]")]
    for question in ("Which articles mention bells?", "How many articles mention bells?"):
        answer = bot.ask(question, history=history)
        assert lines(answer)[0] == "1 of the 14 articles mentions “bells”: [1]"
        assert answer.query == question
    listed = bot.ask("List all companies.", history=history)
    assert {word for word in MAKERS if word in listed.text} == set(MAKERS)


def test_a_topic_is_taken_from_the_last_question(bot: Chatbot) -> None:
    asked = Turn("What does the company Alcore make?", "Bicycles. [1]")
    answer = bot.ask("Which articles mention it?", history=[asked])
    assert answer.query == "Which articles mention Alcore?"
    assert lines(answer)[0] == "1 of the 14 articles mentions “Alcore”: [1]"
    counted = Turn(answer.query, answer.text)
    answer = bot.ask("And soup?", history=[asked, counted])
    assert lines(answer)[0] == "1 of the 14 articles mentions “soup”: [1]"


@pytest.mark.parametrize(
    "question",
    ["How many articles are there?", "List all articles.", "What are the articles about?"],
)
def test_all_articles_are_told_with_their_first_sentences(bot: Chatbot, question: str) -> None:
    lead, *rest = lines(bot.ask(question))
    assert lead.startswith("There are 14 articles: [1][2]")
    assert rest[0] == "- The bell: The bicycle needs a bell. [1]"
    assert len(rest) == 14


def test_what_articles_leave_out_is_refused_with_the_count_of_the_others(bot: Chatbot) -> None:
    for question in ("Which articles do not mention a company?", "What texts aren't about bells?"):
        answer = bot.ask(question)
        assert answer.abstained
        assert "cannot be cited" in answer.notices[0]
    assert "1 of the 14 articles mentions “bells”" in answer.notices[0]


def test_a_query_of_ones_own_is_counted_instead_of_the_question(bot: Chatbot) -> None:
    answer = bot.ask("And of bells?", query="Which articles mention bells?")
    assert lines(answer)[0] == "1 of the 14 articles mentions “bells”: [1]"


def test_what_no_article_mentions_is_refused_and_the_count_said(bot: Chatbot) -> None:
    answer = bot.ask("How many articles mention helicopters?")
    assert (answer.text, answer.abstained, answer.confidence) == (ABSTENTION, True, 0.0)
    assert len(answer.hits) == 5  # the nearest, as with every refusal
    assert answer.notices == ("None of the 14 articles has a passage with “helicopters”.",)


def test_more_articles_than_a_person_reads_are_counted_and_the_first_shown(tmp_path: Path) -> None:
    texts = {f"{number:03}.md": f"Tram {number} is red." for number in range(N_SHOWN + 5)}
    corpus = write_files(tmp_path / "corpus", texts)
    answer = Chatbot.from_corpus(corpus, encoder=WordEncoder()).ask("Which articles mention trams?")
    assert lines(answer)[0].startswith(
        f"25 of the 25 articles mention “trams”; these are the first {N_SHOWN}: [1][2]"
    )
    assert len(lines(answer)) == 1 + N_SHOWN
    assert len(answer.hits) == 25


def test_a_list_holds_what_every_article_names_and_not_only_the_nearest(bot: Chatbot) -> None:
    answer = bot.ask("List all companies that make bicycles.")
    assert not answer.abstained
    assert {word for word in MAKERS if word in answer.text} == set(MAKERS)
    assert all(line.startswith("- ") and line.endswith("]") for line in lines(answer))


def test_a_list_of_what_is_not_there_is_refused(bot: Chatbot) -> None:
    assert bot.ask("List all airports that were closed.").abstained


def test_a_growing_answer_counts_the_same_from_the_first_line_on(bot: Chatbot) -> None:
    *growing, last = bot.stream("Which articles mention a company?")
    assert len(growing) == 11
    for partial in growing:
        assert lines(partial)[0].startswith("12 of the 14 articles mention “company”: [1]")
        assert lines(last)[1 : len(lines(partial))] == lines(partial)[1:]


def test_a_title_that_opens_its_text_is_not_said_twice(tmp_path: Path) -> None:
    texts = {
        "ebbing.txt": "Population of Ebbing\n\nThe town had 4,120 inhabitants.",
        "tarn.txt": "Rivers\n\nThe Tarn is long.\n\nBridges of Ebbing\n\nThere are two.",
        "fair.jsonl": '{"_id": "1", "title": "Fair of Ebbing", "text": "Fair of Ebbing"}',
    }
    corpus = write_files(tmp_path / "corpus", texts)
    bot = Chatbot.from_corpus(corpus, encoder=WordEncoder(dimension=1024))
    answer = bot.ask("Which articles mention Ebbing?")
    assert [line.rpartition(" ")[0] for line in lines(answer)[1:]] == [
        "- Population of Ebbing: The town had 4,120 inhabitants.",
        "- Fair of Ebbing",
        "- Rivers: Bridges of Ebbing",
    ]


def test_a_topic_that_only_a_heading_names_is_shown_in_that_heading(tmp_path: Path) -> None:
    texts = {
        "faq.md": "# Questions\n\n## Rental\n\n### Do I need to pay a deposit?\n\nYes. We do.",
        "rent.md": "# Rent\n\n## Deposit\n\nIt is due in May. The deposit is £900.",
    }
    corpus = write_files(tmp_path / "corpus", texts)
    bot = Chatbot.from_corpus(corpus, encoder=WordEncoder(dimension=1024))
    answer = bot.ask("Which articles mention a deposit?")
    assert set(lines(answer)[1:]) == {
        "- Questions: Do I need to pay a deposit? [1]",
        "- Rent: The deposit is £900. [2]",
    }
    assert answer.citations[0].quote == "### Do I need to pay a deposit?"
