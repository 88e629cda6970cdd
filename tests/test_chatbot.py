import json
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import rag
from rag.chatbot import Chatbot, answer
from rag.generate.citations import ABSTENTION, Statement, Support, cite
from rag.index import Index, IndexMismatchError, default_folder, update_index
from rag.read.reader import Reader
from rag.records import Answer, Document, Encoder, Hit, Passage, Turn
from rag.retrieve.question import MAX_QUESTION, N_HITS
from rag.retrieve.retriever import Mode
from tests.fakes import WordEncoder, write_files
from tests.test_extractive import check_answer

CORPUS = Path(__file__).parent.parent / "corpus"
ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (CORPUS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]
SHARE = "What share of new vehicle sales should be electric by 2030?"
TEXTS = {
    "trams.md": "# Trams\n\nA tram runs on rails. It is red.\n\n# Buses\n\nA bus runs on the road.",
    "boats.txt": "Boats\n\nA boat floats on the water.",
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The articles that ship, where an index may be written beside them."""
    corpus = tmp_path_factory.mktemp("shipped") / "corpus"
    shutil.copytree(CORPUS, corpus)
    return corpus


@pytest.fixture(scope="module")
def bot(corpus: Path, encoder: Encoder) -> Chatbot:
    return Chatbot.from_corpus(corpus, encoder=encoder)


def small(tmp_path: Path, **how: Any) -> Chatbot:
    """A chatbot over two small articles, with an encoder that counts words."""
    corpus = write_files(tmp_path / "corpus", TEXTS)
    return Chatbot.from_corpus(corpus, encoder=WordEncoder(), **how)


def text_of(bot: Chatbot) -> Callable[[str], str]:
    return lambda doc_id: bot.document(doc_id).text


def history_of(row: dict[str, Any]) -> list[Turn]:
    return [Turn(turn["question"], turn["answer"]) for turn in row.get("history", [])]


# Answers from the articles that ship


def test_the_share_of_new_vehicle_sales_is_answered_with_its_sentence(bot: Chatbot) -> None:
    found = bot.ask(SHARE)
    assert "30%" in found.text
    assert not found.abstained
    assert any("30%" in citation.quote for citation in found.citations)
    check_answer(found, text_of(bot))


def test_what_the_articles_do_not_say_is_refused(bot: Chatbot) -> None:
    found = bot.ask("What is the capital of France?")
    assert (found.text, found.citations, found.abstained) == (ABSTENTION, (), True)
    assert len(found.hits) == N_HITS
    assert found.confidence < 0.2


def test_history_says_what_a_follow_up_is_about(bot: Chatbot) -> None:
    question = "What share of new vehicle sales should be electric?"
    history = [Turn(question, bot.ask(question).text)]
    found = bot.ask("And by when?", history=history)
    assert "2030" in found.text
    assert found.query == bot.standalone("And by when?", history) != "And by when?"
    check_answer(found, text_of(bot))


def test_the_history_may_hold_an_answer_in_other_words(
    corpus: Path, encoder: Encoder, reader: Reader
) -> None:
    bot = Chatbot.from_corpus(corpus, encoder=encoder, reader=reader)
    history = [Turn("What share of new vehicle sales should be electric?", "30% of them. [1]")]
    found = bot.ask("And by when?", history=history)
    assert "2030" in found.text
    assert found.query == bot.standalone("And by when?", history) != "And by when?"
    check_answer(found, text_of(bot))


@pytest.mark.slow
def test_every_sentence_of_every_second_shipped_question_stands_in_its_article(
    bot: Chatbot,
) -> None:
    for row in ROWS[::2]:
        check_answer(bot.ask(row["question"], history=history_of(row)), text_of(bot))


def test_the_last_of_a_stream_is_the_answer_and_all_before_can_be_checked(bot: Chatbot) -> None:
    question = "Why are sodium-ion batteries promising?"
    *growing, last = bot.stream(question)
    assert last == bot.ask(question)
    for partial in growing:
        check_answer(partial, text_of(bot))
        assert last.text.startswith(partial.text)


def test_the_same_question_has_the_same_answer(bot: Chatbot) -> None:
    assert bot.ask(SHARE) == bot.ask(SHARE)


def test_eight_threads_get_the_answers_that_one_gets(bot: Chatbot) -> None:
    rows = [row for row in ROWS if not row.get("history")][:12] + [
        row for row in ROWS if row.get("history")
    ][:4]

    def ask(row: dict[str, Any]) -> Answer:
        return bot.ask(row["question"], history=history_of(row))

    expected = list(map(ask, rows))
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, rows)) == expected


@pytest.mark.parametrize(
    "question",
    [
        "???",
        "🚋?",
        "(",
        "a\x00b",
        "…",
        "x" * MAX_QUESTION,
        "( " * 1_000,
        "who " * 500,
        "電気自動車?",
    ],
    ids=lambda question: ascii(question)[:12],
)
def test_whatever_is_asked_there_is_an_answer_or_a_refusal(bot: Chatbot, question: str) -> None:
    check_answer(bot.ask(question), text_of(bot))


@pytest.mark.parametrize("question", ["", " ", "\n\t\r\n", "\u3000\u2028"], ids=ascii)
def test_a_blank_question_is_an_error(bot: Chatbot, question: str) -> None:
    for ask in (bot.ask, bot.retrieve, lambda text: list(bot.stream(text)), answer):
        with pytest.raises(ValueError, match="^question must not be blank; .*$"):
            ask(question)
    with pytest.raises(ValueError, match="^question must not be blank; .*$"):
        bot.generate(question, [])


def test_a_question_that_is_too_long_is_an_error_that_says_how_long(bot: Chatbot) -> None:
    message = "^question must have at most 2,000 characters, got 1,000,000; .*$"
    for ask in (bot.ask, bot.retrieve, lambda text: list(bot.stream(text)), answer):
        with pytest.raises(ValueError, match=message):
            ask("x" * 1_000_000)


def test_a_question_with_half_a_character_is_an_error(bot: Chatbot) -> None:
    # What Python makes of bytes in an argument that are no text.
    with pytest.raises(ValueError, match="^question must .*$"):
        bot.ask("What is \udcff?")


@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_an_error(bot: Chatbot, k: int) -> None:
    message = f"^k must be at least 1, got {k}$"
    for ask in (bot.ask, bot.retrieve, lambda text, k: list(bot.stream(text, k=k))):
        with pytest.raises(ValueError, match=message):
            ask(SHARE, k=k)
    with pytest.raises(ValueError, match=message):
        Chatbot(bot.index, bot.encoder, k=k)


def test_hits_of_an_answer_are_those_that_are_retrieved(bot: Chatbot) -> None:
    assert list(bot.ask(SHARE).hits) == bot.retrieve(SHARE)
    assert list(bot.ask(SHARE, k=2).hits) == bot.retrieve(SHARE, k=2)
    assert [hit.rank for hit in bot.retrieve(SHARE, k=3)] == [1, 2, 3]
    assert len(bot.retrieve(SHARE, k=1_000)) == bot.index.n_passages


def test_a_query_can_be_given_and_history_is_then_not_asked(bot: Chatbot) -> None:
    history = [Turn("What is a zebra?", "An animal. [1]")]
    found = bot.ask("And by when?", query=SHARE, history=history)
    assert found.query == SHARE
    assert list(found.hits) == bot.retrieve("whatever", query=SHARE)
    assert found.hits == bot.ask(SHARE).hits


def test_an_error_of_typing_is_mended_and_told_unless_the_query_is_given(bot: Chatbot) -> None:
    typed, meant = "how can dronse help in Pakistan?", "how can drones help in Pakistan?"
    found = bot.ask(typed)
    assert found == replace(bot.ask(meant), notices=("“dronse” is read as “drones”.",))
    assert found.query == bot.standalone(typed, []) == meant
    assert list(found.hits) == bot.retrieve(typed)
    assert all(answer.notices == found.notices for answer in bot.stream(typed))
    assert bot.ask(typed, query=typed).query == typed
    assert bot.ask(typed, query=typed).notices == ()


def test_a_follow_up_is_mended_before_it_takes_up_what_was_said(bot: Chatbot) -> None:
    history = [Turn("What does Huaguan make?", "Drones. [1]")]
    found = bot.ask("And vehicels?", history=history)
    assert found.query == bot.ask("And vehicles?", history=history).query
    assert found.notices == ("“vehicels” is read as “vehicles”.",)


def test_an_answer_from_given_hits_is_the_one_that_would_be_found_with_them(bot: Chatbot) -> None:
    assert bot.generate(SHARE, bot.retrieve(SHARE)) == bot.ask(SHARE)


def test_given_hits_may_be_of_any_document(bot: Chatbot) -> None:
    text = "The Orange Line of Lahore opened in 2020. It has 26 stations. It is 27 kilometres long."
    passage = Passage("elsewhere", "elsewhere.md", 500, 500 + len(text), "", text, "Orange Line")
    found = bot.generate("When did the Orange Line of Lahore open?", [Hit(passage, 1.0, 1)])
    assert "The Orange Line of Lahore opened in **2020**. [1]" in found.text
    check_answer(found, lambda doc_id: " " * 500 + text)


def test_without_hits_the_articles_do_not_say(bot: Chatbot) -> None:
    assert bot.generate(SHARE, []).abstained


def test_articles_are_told_and_an_unknown_one_is_an_error(bot: Chatbot) -> None:
    doc_ids = [row.doc_id for row in bot.documents()]
    assert doc_ids == sorted(path.name for path in CORPUS.glob("*.md"))
    assert "30%" in bot.document(doc_ids[1]).text
    with pytest.raises(KeyError):
        bot.document("nothing.md")


# Citations that do not stand


class Claims:
    """A generator that cites what it likes; it answers in two steps."""

    name = "claims"

    def __init__(self, *documents: Document) -> None:
        self.documents = documents

    def stream(
        self, question: str, hits: Sequence[Hit], *, query: str, history: Sequence[Turn] = ()
    ) -> Iterator[Answer]:
        statements = [
            Statement(f"Says {d.doc_id}.", (Support(claim, claim.start, claim.end),))
            for d in self.documents
            for claim in [Passage(d.doc_id, d.doc_id, 0, len(d.text), "", d.text)]
        ]
        for n in range(1, len(statements) + 1):
            yield replace(cite(statements[:n]), hits=tuple(hits), query=query)


def test_a_generator_that_cites_what_is_not_there_is_not_believed(tmp_path: Path) -> None:
    true = Document("boats.txt", "", "Boats")
    false = Document("trams.md", "", "A tram flies.")
    bot = small(tmp_path, generator=Claims(true, false))
    first, last = bot.stream("What runs?")
    assert (first.text, first.notices) == ("Says boats.txt. [1]", ())
    assert (last.text, len(last.citations), len(last.notices)) == ("Says boats.txt. [1]", 1, 1)
    found = small(tmp_path, generator=Claims(false)).ask("What runs?")
    assert (found.text, found.abstained, found.citations) == (ABSTENTION, True, ())


def test_a_generator_that_cites_an_article_that_does_not_exist_is_not_believed(
    tmp_path: Path,
) -> None:
    bot = small(tmp_path, generator=Claims(Document("nowhere.md", "", "A tram flies.")))
    assert bot.ask("What runs?").abstained


# Building


def test_a_corpus_is_indexed_once_and_then_only_what_changed(tmp_path: Path) -> None:
    first = small(tmp_path)
    assert first.report is not None
    assert (first.report.n_documents, first.report.n_encoded) == (2, 3)
    corpus = tmp_path / "corpus"
    again = Chatbot.from_corpus(str(corpus), encoder=WordEncoder())
    assert again.report is not None
    assert (again.report.n_encoded, again.report.generation) == (0, first.report.generation)
    (corpus / "kites.md").write_text("A kite flies.", encoding="utf-8")
    more = Chatbot.from_corpus(corpus, encoder=WordEncoder())
    assert more.report is not None
    assert (more.report.plan.added, more.report.n_encoded) == (("kites.md",), 1)


def test_an_index_lies_beside_the_corpus_or_where_it_is_told_to(tmp_path: Path) -> None:
    bot = small(tmp_path, folder=tmp_path / "elsewhere")
    assert isinstance(bot.index, Index)
    assert bot.index.folder == tmp_path / "elsewhere"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "elsewhere"]
    beside = small(tmp_path).index
    assert isinstance(beside, Index)
    assert beside.folder == default_folder(tmp_path / "corpus")
    assert sorted(path.name for path in (tmp_path / "corpus").iterdir()) == sorted(TEXTS)


def test_without_an_update_the_index_is_taken_as_it_is(tmp_path: Path) -> None:
    small(tmp_path)
    (tmp_path / "corpus" / "kites.md").write_text("A kite flies.", encoding="utf-8")
    bot = Chatbot.from_corpus(tmp_path / "corpus", encoder=WordEncoder(), update=False)
    assert bot.report is None
    assert [row.doc_id for row in bot.documents()] == sorted(TEXTS)


def test_what_cannot_be_opened_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.md").write_text("A tram.", encoding="utf-8")
    write_files(tmp_path / "corpus", TEXTS)
    for name, update, kind in (
        ("missing", True, FileNotFoundError),
        ("missing", False, FileNotFoundError),
        ("file.md", True, NotADirectoryError),
        ("empty", True, (FileNotFoundError, ValueError)),
        ("corpus", False, FileNotFoundError),
    ):
        with pytest.raises(kind) as caught:
            Chatbot.from_corpus(tmp_path / name, encoder=WordEncoder(), update=update)
        assert len(str(caught.value).splitlines()) == 1
        assert name in str(caught.value)


def test_an_index_of_another_encoder_is_an_error(tmp_path: Path) -> None:
    small(tmp_path)
    with pytest.raises(IndexMismatchError):
        Chatbot.from_corpus(tmp_path / "corpus", encoder=WordEncoder("other"))
    with pytest.raises(IndexMismatchError):
        Chatbot.from_corpus(tmp_path / "corpus", encoder=WordEncoder("other"), update=False)


def test_an_unknown_model_is_an_error_before_anything_is_indexed(tmp_path: Path) -> None:
    corpus = write_files(tmp_path / "corpus", TEXTS)
    with pytest.raises(ValueError, match="no-such-model") as caught:
        Chatbot.from_corpus(corpus, model="no-such-model")
    assert len(str(caught.value).splitlines()) == 1
    assert not (default_folder(corpus) / "index.sqlite").exists()


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
def test_the_mode_is_that_of_the_retriever(tmp_path: Path, mode: Mode) -> None:
    hits = small(tmp_path, mode=mode).retrieve("a tram on rails", k=3)
    assert hits[0].passage.doc_id == "trams.md"
    ranks = {(hit.dense_rank is not None, hit.lexical_rank is not None) for hit in hits[:1]}
    assert ranks == {(mode != "lexical", mode != "dense")}


def test_k_is_how_many_passages_there_are_unless_asked_otherwise(tmp_path: Path) -> None:
    bot = small(tmp_path, k=1)
    assert len(bot.retrieve("a boat runs")) == 1
    assert len(bot.ask("a boat runs").hits) == 1
    assert len(bot.retrieve("a boat runs", k=2)) == 2


# What is published meanwhile


def test_a_new_generation_is_seen_after_a_refresh_and_not_before(tmp_path: Path) -> None:
    bot = small(tmp_path)
    corpus, folder = tmp_path / "corpus", default_folder(tmp_path / "corpus")
    before = bot.retrieve("a kite flies")
    (corpus / "kites.md").write_text("A kite flies.", encoding="utf-8")
    (corpus / "boats.txt").unlink()
    update_index(corpus, folder, WordEncoder())
    assert bot.retrieve("a kite flies") == before
    assert bot.document("boats.txt").text
    bot.refresh()
    assert bot.retrieve("a kite flies")[0].passage.doc_id == "kites.md"
    assert [row.doc_id for row in bot.documents()] == ["kites.md", "trams.md"]


def test_a_refresh_without_news_changes_nothing(tmp_path: Path) -> None:
    bot = small(tmp_path)
    index = bot.index
    bot.refresh()
    assert bot.index is index


def test_an_answer_under_way_ends_in_its_generation(tmp_path: Path) -> None:
    boats = Document("boats.txt", "", TEXTS["boats.txt"])
    trams = Document("trams.md", "", TEXTS["trams.md"])
    bot = small(tmp_path, generator=Claims(boats, trams))
    answers = bot.stream("What runs?")
    assert next(answers).text == "Says boats.txt. [1]"
    write_files(tmp_path / "corpus", {"trams.md": "Nothing is as it was."})
    update_index(tmp_path / "corpus", default_folder(tmp_path / "corpus"), WordEncoder())
    bot.refresh()
    last = next(answers)
    assert (last.text, last.notices) == ("Says boats.txt. [1] Says trams.md. [2]", ())


def test_questions_are_answered_while_the_index_is_updated_and_refreshed(tmp_path: Path) -> None:
    bot = small(tmp_path)
    corpus, folder = tmp_path / "corpus", default_folder(tmp_path / "corpus")
    stop = threading.Event()

    def ask() -> int:
        n_asked = 0
        while not stop.is_set() or not n_asked:
            check_answer(bot.ask("What runs on rails?"), text_of(bot))
            n_asked += 1
        return n_asked

    with ThreadPoolExecutor(3) as threads:
        asking = [threads.submit(ask) for _ in range(3)]
        try:
            for n in range(4):
                (corpus / "kites.md").write_text(f"Kite {n} flies.", encoding="utf-8")
                update_index(corpus, folder, WordEncoder())
                bot.refresh()
        finally:
            stop.set()
        assert all(one.result() > 0 for one in asking)


# One call


@pytest.fixture
def ready(tmp_path: Path, lend_models: Callable[[Path], None]) -> Path:
    """A copy of the articles, beside which the compiled models lie already."""
    corpus = tmp_path / "corpus"
    shutil.copytree(CORPUS, corpus)
    lend_models(default_folder(corpus))
    return corpus


def test_one_call_answers_as_a_chatbot_does(ready: Path, bot: Chatbot) -> None:
    found = rag.answer(SHARE, ready)
    assert (found.text, found.citations) == (bot.ask(SHARE).text, bot.ask(SHARE).citations)
    history = [Turn("What share of new vehicle sales should be electric?", "30% of them. [1]")]
    assert "2030" in rag.answer("And by when?", str(ready), history=history).text
    assert len(rag.answer(SHARE, ready, k=2).hits) == 2


def test_later_calls_take_the_index_as_it_is(ready: Path) -> None:
    expected = rag.answer(SHARE, ready)
    for path in ready.glob("*.md"):
        path.unlink()
    assert rag.answer(SHARE, ready) == expected


def test_the_corpus_of_a_call_is_that_of_the_working_folder(
    ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ready.parent)
    assert "30%" in rag.answer(SHARE).text


def test_several_threads_may_make_the_first_call(ready: Path) -> None:
    start = threading.Barrier(4)

    def ask(_: int) -> str:
        start.wait()
        return rag.answer(SHARE, ready).text

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(ask, range(4)))) == 1


def test_a_call_with_k_below_one_is_an_error(ready: Path) -> None:
    with pytest.raises(ValueError, match="^k must be at least 1, got 0$"):
        rag.answer(SHARE, ready, k=0)


def test_a_call_for_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rag.answer(SHARE, tmp_path / "missing")
