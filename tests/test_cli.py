import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag.chatbot import Chatbot
from rag.cli import app
from rag.cli.screen import show_progress
from rag.index import Index, default_folder, update_index
from rag.index.lock import exclusive
from rag.page.feedback import keep_question, make_question
from rag.page.sources import Exchange
from rag.records import Encoder
from tests.fakes import WordEncoder, write_files
from tests.fakes_model import KEY, fail, say, serving

CARS = """---
title: The car plan
source: The Daily Example
date: 2025-03-01
---

The government wants 30% of all new cars to be electric by 2030.

The minister of transport, Ada Brown, presented the plan in Lisbon.
"""
TEA = """---
title: Growing tea
---

Green tea grows best at heights between 1,000 and 2,000 metres.
"""
QUESTION = "What share of new cars should be electric by 2030?"
SENTENCE = "The government wants 30% of all new cars to be electric by 2030."
COMMANDS = ("index", "ask", "chat", "evaluate", "serve")


class Ran:
    """What a command left: its exit code, and what it printed where."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


def run(*arguments: str | Path, typed: str = "") -> Ran:
    result = CliRunner().invoke(app, [str(one) for one in arguments], input=typed, prog_name="rag")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "rag", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1"},
        preexec_fn=hear_interrupts,
    )


def hear_interrupts() -> None:
    """Undo what a shell does to what it starts with ``&``: there, interrupts are ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def make_home(folder: Path, lend_models: Callable[[Path], None]) -> Path:
    """A folder with a corpus, where the models are compiled already; returns the corpus."""
    corpus = write_files(folder / "corpus", {"cars.md": CARS, "tea.md": TEA})
    lend_models(default_folder(corpus))
    return corpus


@pytest.fixture(scope="session")
def indexed(
    tmp_path_factory: pytest.TempPathFactory, lend_models: Callable[[Path], None], encoder: Encoder
) -> Path:
    """A corpus with its index, for tests that change neither."""
    corpus = make_home(tmp_path_factory.mktemp("home"), lend_models)
    update_index(corpus, default_folder(corpus), encoder)
    return corpus


@pytest.fixture
def corpus(tmp_path: Path, indexed: Path) -> Path:
    """A corpus with its index, to be changed."""
    shutil.copytree(indexed.parent, tmp_path / "home", symlinks=True)
    return tmp_path / "home" / "corpus"


def digest(corpus: Path) -> str:
    return sha256((default_folder(corpus) / "index.sqlite").read_bytes()).hexdigest()


def assert_refused(ran: Ran, code: int, *parts: str) -> None:
    """One line on standard error that says these things, nothing else, and this exit code."""
    assert (ran.code, ran.out) == (code, "")
    assert re.fullmatch(r"rag: [^\n]+\n", ran.err)
    for part in parts:
        assert part in ran.err


# help


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_that_fits_a_screen(command: str) -> None:
    ran = run(command, "--help")
    assert ran.code == 0
    assert f"Usage: rag {command} " in ran.out
    assert len(ran.out.splitlines()) <= 40


def test_the_help_names_all_commands_and_the_exit_codes() -> None:
    ran = run("--help")
    assert [name for name in COMMANDS if f"│ {name} " in ran.out] == list(COMMANDS)
    assert "Exit codes: 0 done;" in ran.out


def test_help_and_plan_load_nothing_heavy(indexed: Path) -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from rag.cli import app;"
        "calls = ['--help'], ['index', sys.argv[1], '--plan'];"
        "ran = [CliRunner().invoke(app, one) for one in calls];"
        "heavy = {'torch', 'openvino', 'faiss', 'tantivy', 'gradio', 'sentence_transformers',"
        "'pydantic', 'pypdf'};"
        "print([one.exit_code for one in ran], sorted(heavy & sys.modules.keys()))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, str(indexed)], capture_output=True, text=True, check=True
    )
    assert found.stdout == "[0, 0] []\n"


def test_typers_own_usage_errors_have_exit_code_2() -> None:
    for arguments in (["ask"], ["frobnicate"], ["index", "--frob"], ["ask", "q", "--k", "many"]):
        ran = run(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert "Traceback" not in ran.err


# index


def test_indexing_says_what_it_did_and_a_second_time_that_there_is_nothing_to_do(
    tmp_path: Path, lend_models: Callable[[Path], None]
) -> None:
    corpus = make_home(tmp_path, lend_models)
    first, second = run("index", corpus), run("index", corpus)
    lines = first.out.splitlines()
    assert lines[:3] == [
        "added    cars.md",
        "added    tea.md",
        "2 documents, 2 passages: 2 files added, 0 changed, 0 moved, 0 removed, 0 unchanged",
    ]
    assert re.fullmatch(
        r"2 encoded \([\d.,]+ a second\), 0 taken from the cache, in \d+\.\d s", lines[3]
    )
    assert second.out == "nothing to do: 2 documents, 2 passages, unchanged; 0 encoded\n"
    assert (first.code, first.err, second.code, second.err) == (0, "", 0, "")


def test_indexing_names_the_formats_that_it_passes_over(
    tmp_path: Path, lend_models: Callable[[Path], None]
) -> None:
    corpus = make_home(tmp_path, lend_models)
    (corpus / "prices.csv").write_text("tea,3")
    ran = run("index", corpus)
    assert (ran.code, ran.err) == (0, "rag: formats that are not read: 1 .csv\n")


def test_changes_are_planned_and_then_made(corpus: Path) -> None:
    (corpus / "tea.md").rename(corpus / "green tea.md")
    (corpus / "cars.md").write_text(CARS.replace("30%", "40%"), encoding="utf-8")
    write_files(corpus / "new", {"a.txt": "Bees dance to tell each other where flowers are."})
    before = digest(corpus)
    planned = run("index", corpus, "--plan")
    changes = ["added    new/a.txt", "changed  cars.md", "moved    tea.md → green tea.md"]
    assert planned.out.splitlines() == [
        *changes,
        "1 to add, 1 changed, 1 moved, 0 to remove, 0 unchanged",
    ]
    assert digest(corpus) == before
    made = run("index", corpus)
    assert made.out.splitlines()[:4] == [
        *changes,
        "3 documents, 3 passages: 1 file added, 1 changed, 1 moved, 0 removed, 0 unchanged",
    ]
    assert made.out.splitlines()[4].startswith("2 encoded (")
    assert "1 taken from the cache" in made.out
    (corpus / "green tea.md").unlink()
    assert run("index", corpus).out.startswith("removed  green tea.md\n2 documents, 2 passages: ")


def test_a_binary_file_named_txt_is_skipped_with_its_reason_and_exit_code_1(corpus: Path) -> None:
    (corpus / "photo.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    ran = run("index", corpus)
    assert ran.code == 1
    assert ran.out == "nothing to do: 2 documents, 2 passages, unchanged; 0 encoded\n"
    assert re.fullmatch(r"rag: skipped photo\.txt: [^\n]+\n", ran.err)
    asked = run("ask", QUESTION, "--corpus", corpus)
    assert asked.code == 0
    assert asked.err == "rag: 1 file skipped; 'rag index' says why\n"


def test_what_was_added_is_listed_without_what_was_skipped(corpus: Path) -> None:
    (corpus / "photo.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    good = '{"_id": "1", "text": "Bees dance."}\n'
    write_files(corpus / "more", {"bees.jsonl": f"{good}{good}", "a.txt": "Ants build."})
    ran = run("index", corpus)
    assert ran.code == 1
    assert ran.out.splitlines()[:3] == [
        "added    more/a.txt",
        "added    more/bees.jsonl",
        "4 documents, 4 passages: 2 files added, 0 changed, 0 moved, 0 removed, 2 unchanged",
    ]
    assert "rag: skipped more/bees.jsonl#1: another document has this id" in ran.err


def test_the_statistics_are_those_of_the_index(indexed: Path) -> None:
    ran = run("index", indexed, "--stats")
    facts = dict(line.split(maxsplit=1) for line in ran.out.splitlines())
    assert (facts["documents"], facts["dimension"], facts["generation"]) == ("2", "384", "1")
    assert facts["encoder"].startswith("all-MiniLM-L6-v2, sha256 53aa51172d14")
    assert facts["folder"] == str(default_folder(indexed))
    assert facts["dense"].startswith("IDMap,Flat, exact, ")
    assert "index.sqlite " in ran.out
    assert ran.code == 0


def test_statistics_without_an_index_say_what_to_run(tmp_path: Path) -> None:
    assert_refused(run("index", tmp_path, "--stats"), 3, f"run: rag index {tmp_path}")


def test_plan_and_stats_together_are_wrong_use(tmp_path: Path) -> None:
    assert_refused(run("index", tmp_path, "--plan", "--stats"), 2, "--plan and --stats")


def test_the_index_lies_where_it_is_told_to(corpus: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    shutil.move(default_folder(corpus), folder)
    ran = run("index", corpus, "--index", folder)
    assert ran.out == "nothing to do: 2 documents, 2 passages, unchanged; 0 encoded\n"
    assert not default_folder(corpus).exists()


# ask


def test_an_answer_is_printed_with_its_source(indexed: Path) -> None:
    ran = run("ask", QUESTION, "--corpus", indexed)
    assert (ran.code, ran.err) == (0, "")
    assert "30% of all new cars" in ran.out.splitlines()[0]
    assert f"[1] The car plan – The Daily Example, 2025-03-01: {SENTENCE}\n" in ran.out


def test_what_the_articles_do_not_say_is_refused_with_the_nearest_passages(indexed: Path) -> None:
    ran = run("ask", "Who composed the opera about the moon?", "--corpus", indexed)
    assert ran.code == 0
    answer, _, nearest = ran.out.partition("\n\nNearest passages (not an answer):\n1. ")
    assert answer == "The articles do not say."
    assert "The car plan – The Daily Example, 2025-03-01: " in nearest


def test_json_is_all_there_is_on_standard_output(indexed: Path) -> None:
    with start("ask", QUESTION, "--corpus", indexed, "--json") as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    found = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert list(found) == [
        *("question", "query", "answer", "abstained", "confidence", "citations", "hits"),
        *("unsupported", "generator", "notices"),
    ]
    assert (found["question"], found["abstained"], found["notices"]) == (QUESTION, False, [])
    citation = found["citations"][0]
    assert citation["doc_id"] in {hit["doc_id"] for hit in found["hits"]}
    assert citation["end"] - citation["start"] == len(citation["quote"])
    assert (citation["number"], citation["doc_id"], citation["quote"]) == (1, "cars.md", SENTENCE)
    hit = found["hits"][0]
    assert list(hit) == [
        *(
            "rank",
            "score",
            "dense_rank",
            "lexical_rank",
            "passage_id",
            "doc_id",
            "title",
            "heading",
        ),
        *("start", "end", "text"),
    ]
    assert (hit["rank"], hit["doc_id"], hit["dense_rank"]) == (1, "cars.md", 1)
    inside = slice(citation["start"] - hit["start"], citation["end"] - hit["start"])
    assert hit["text"][inside] == SENTENCE


def test_k_bounds_the_hits(indexed: Path) -> None:
    ran = run("ask", QUESTION, "--corpus", indexed, "--k", "1", "--json")
    assert len(json.loads(ran.out)["hits"]) == 1


def test_a_reader_that_has_had_enough_is_no_error(indexed: Path) -> None:
    with start("ask", QUESTION, "--corpus", indexed) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_answer_that_cannot_be_written_is_no_success(indexed: Path) -> None:
    command = [sys.executable, "-m", "rag", "ask", QUESTION, "--corpus", str(indexed)]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (ran.returncode, ran.stderr) == (3, "rag: no space left on device\n")


# wrong use and broken things


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["ask", ""], "question must not be blank"),
        (["ask", " \n\t"], "question must not be blank"),
        (["ask", "why " * 250_000], "question must have at most 2,000 characters, got 1,000,000"),
        (["ask", QUESTION, "--k", "0"], "k must be at least 1, got 0"),
        (["ask", QUESTION, "--model", "no-such-model"], "got 'no-such-model'"),
        (["ask", QUESTION, "--reader", "no-such-reader"], "got 'no-such-reader'"),
        (["chat", "--k", "-1"], "k must be at least 1, got -1"),
        (["evaluate"], "QUESTIONS must be a file of test questions, got none"),
        (["evaluate", "missing.jsonl"], "got 'missing.jsonl'"),
        (["evaluate", "q.jsonl", "--json", "missing/run.json"], "got 'missing/run.json'"),
        (["evaluate", "q.jsonl", "--beir", "set"], "--beir must come without QUESTIONS"),
        (["serve", "--auth", "nameonly"], "USER:PASSWORD"),
        (["serve", "--port", "99999999"], "port must be"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    indexed: Path, arguments: list[str], part: str
) -> None:
    before = digest(indexed)
    assert_refused(run(*arguments, "--corpus", indexed), 2, part)
    assert digest(indexed) == before


@pytest.mark.parametrize("command", [["index"], ["ask", QUESTION, "--corpus"]])
def test_a_missing_corpus_is_named_and_nothing_is_made(tmp_path: Path, command: list[str]) -> None:
    ran = run(*command, tmp_path / "missing")
    assert_refused(ran, 3, f"'{tmp_path / 'missing'}'", "create it")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [[], ["--plan"]])
def test_an_empty_corpus_says_what_could_be_in_it(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "photo.png").write_bytes(b"\x89PNG")
    assert_refused(run("index", tmp_path / "empty", *options), 3, "no articles in", ".md", ".pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_a_corpus_of_test_questions_alone_is_as_good_as_empty(corpus: Path) -> None:
    write_files(corpus, {"questions.jsonl": '{"id": "1", "question": "Why?"}\n'})
    before = digest(corpus)
    assert_refused(run("ask", QUESTION, "--corpus", corpus), 3, "no articles in")
    assert digest(corpus) == before


def test_an_index_of_another_encoder_is_named_with_what_to_run_and_stays(corpus: Path) -> None:
    folder = default_folder(corpus)
    (folder / "index.sqlite").unlink()
    words = WordEncoder()
    update_index(corpus, folder, words)
    for command in (["ask", QUESTION, "--corpus"], ["index"]):
        ran = run(*command, corpus)
        assert_refused(
            ran, 3, "was built with the encoder 'words'", f"rm {folder}/index.sqlite* && rag index"
        )
    index = Index.open(folder, words)
    assert (index.n_documents, index.n_passages) == (2, 2)
    index.close()


def test_a_damaged_index_is_never_answered_from_and_the_way_out_works(corpus: Path) -> None:
    store = default_folder(corpus) / "index.sqlite"
    content = store.read_bytes()
    for damage in (b"x" * len(content), content[: len(content) // 2]):
        store.write_bytes(damage)
        ran = run("ask", QUESTION, "--corpus", corpus)
        assert_refused(
            ran, 3, "is damaged", f"rm {default_folder(corpus)}/index.sqlite* && rag index"
        )
    store.unlink()  # as the command has it, but for the encoder, which takes long to compile
    assert run("index", corpus).code == 0
    assert SENTENCE in run("ask", QUESTION, "--corpus", corpus).out


def test_a_second_writer_is_told_who_is_writing_and_the_old_index_answers_meanwhile(
    corpus: Path,
) -> None:
    (corpus / "more.txt").write_text("Bees dance.", encoding="utf-8")
    with exclusive(default_folder(corpus)):
        assert_refused(run("index", corpus), 3, f"process {os.getpid()}", "wait until that ends")
        asked = run("ask", QUESTION, "--corpus", corpus)
        assert SENTENCE in asked.out
        assert f"process {os.getpid()}" in asked.err
        assert "Until then, the index of" in asked.err
    (corpus / "more.txt").unlink()
    assert SENTENCE in run("ask", QUESTION, "--corpus", corpus).out


def test_a_page_that_cannot_be_loaded_says_how_to_start_it(
    indexed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ui", None)
    assert_refused(run("serve", "--corpus", indexed), 3, "python ui.py")


# a language model


def test_a_language_model_writes_where_one_is_named(indexed: Path) -> None:
    with serving(say(SENTENCE.replace("The government", "It"))) as server:
        ran = run(
            *("ask", QUESTION, "--corpus", indexed, "--json"),
            *("--llm", server.url, "--llm-model", "small"),
        )
    assert ran.code == 0
    found = json.loads(ran.out)
    assert "30%" in found["answer"]
    assert server.requests[0]["model"] == "small"


def test_the_environment_names_a_language_model_too(
    indexed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(say(f"{SENTENCE} [1]")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_MODEL", "small")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        ran = run("ask", QUESTION, "--corpus", indexed)
        assert server.keys == [f"Bearer {KEY}"]
    assert ran.out.splitlines()[0] == f"{SENTENCE} [1]"
    assert KEY not in ran.out + ran.err


def test_a_language_model_that_fails_is_told_and_answered_for(indexed: Path) -> None:
    with serving(fail(401)) as server:
        ran = run(
            *("ask", QUESTION, "--corpus", indexed),
            *("--llm", server.url, "--llm-model", "small"),
        )
    assert ran.code == 0
    assert SENTENCE in ran.out
    assert ran.err == (
        "rag: The language model's server did not accept the key; this answer is in the articles' "
        "own words.\n"
    )


def test_an_unsupported_sentence_is_printed_with_its_mark(indexed: Path) -> None:
    wrong = "Ada Brown owns 75 planes."
    with serving(say(f"{SENTENCE} [1] {wrong} [1]")) as server:
        ran = run(
            *("ask", QUESTION, "--corpus", indexed),
            *("--llm", server.url, "--llm-model", "small"),
        )
    assert ran.out.splitlines()[0] == f"{SENTENCE} [1] {wrong} (not supported by [1])"


@pytest.mark.parametrize("command", ["ask", "chat", "evaluate", "serve"])
def test_a_model_server_without_a_model_is_wrong_use(
    indexed: Path, tmp_path: Path, command: str
) -> None:
    more: dict[str, str | Path] = {
        "ask": QUESTION,
        "evaluate": write_questions(tmp_path / "q.jsonl", GOOD),
    }
    arguments = [command, *([more[command]] if command in more else []), "--corpus", indexed]
    ran = run(*arguments, "--llm", "http://localhost:1/v1")
    assert_refused(ran, 2, "llm must come with a model, got none; name it with --llm-model")
    ran = run(*arguments, "--llm", "localhost", "--llm-model", "small")
    assert_refused(ran, 2, "llm must be a URL")


# chat


def test_a_conversation_remembers_what_was_said_until_it_is_cleared(indexed: Path) -> None:
    lines = [QUESTION, "/sources", "And who presented it?", "/clear", "/sources", "/help"]
    ran = run("chat", "--corpus", indexed, typed="\n".join(lines))
    assert ran.code == 0
    first, _, rest = ran.out.partition("searched for: And who presented it? (")
    assert first.startswith(SENTENCE.removesuffix("."))
    assert f"[1] The car plan – The Daily Example, 2025-03-01: {SENTENCE}\n" in first
    query, _, rest = rest.partition("\n")
    assert "electric" in query
    assert "/query TEXT" in rest
    assert ran.err == "rag: there is no answer yet; ask a question first\n"


def test_a_question_is_asked_again_with_another_query(indexed: Path) -> None:
    typed = f"/query tea\n{QUESTION}\n/query\n/query green tea heights\n/quit\nnever asked\n"
    ran = run("chat", "--corpus", indexed, typed=typed)
    assert ran.code == 0
    assert ran.out.count("searched for: ") == 1
    assert "searched for: green tea heights\n" in ran.out
    assert [line[:30] for line in ran.err.splitlines()] == [
        "rag: there is no question to a",
        "rag: /query needs the words to",
    ]


def test_what_cannot_be_asked_does_not_end_a_conversation(indexed: Path) -> None:
    typed = f"{'why ' * 600}\n/frob\n\n{QUESTION}\n"
    ran = run("chat", "--corpus", indexed, typed=typed)
    assert ran.code == 0
    assert ran.err.splitlines() == [
        "rag: question must have at most 2,000 characters, got 2,399; ask for one thing at a time",
        "rag: there is no command /frob; /help lists them",
    ]
    assert "30% of all new cars" in ran.out


def test_an_interrupt_ends_a_conversation_quietly_with_130(indexed: Path) -> None:
    with start("chat", "--corpus", indexed) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("/help\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith("/sources ")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert (process.returncode, err) == (130, "")


# evaluate


def write_questions(path: Path, *rows: Mapping[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


GOOD: dict[str, object] = {
    "id": "share",
    "question": QUESTION,
    "answers": ["30%"],
    "evidence": [{"doc_id": "cars.md", "quote": SENTENCE}],
}


def test_what_people_rated_on_the_page_is_evaluated(corpus: Path, encoder: Encoder) -> None:
    bot = Chatbot.from_corpus(corpus, encoder=encoder)
    answer = bot.ask(QUESTION)
    path = default_folder(corpus) / "feedback.jsonl"
    for turn, rating in enumerate(("up", "down"), start=1):
        exchange = Exchange(turn, QUESTION, answer)
        keep_question(path, make_question(exchange, [], rating, "c", bot.document))
    ran = run("evaluate", path, "--corpus", corpus)
    assert ran.code == 0
    assert "1 of 2 questions passed, not these:\n" in ran.out
    assert f"{QUESTION}  – the answer that was rated wrong\n" in ran.out
    assert re.search(r"answer .*rejected +1\.000 +1\.000 – 1\.000 +1 ", ran.out, re.DOTALL)
    assert re.search(r"refused_answerable +0\.000 +0\.000 – 0\.000 +1 ", ran.out)
    assert "refused_unanswerable" not in ran.out


def test_an_evaluation_is_printed_written_and_compared(indexed: Path, tmp_path: Path) -> None:
    wrong = {"id": "wrong", "question": QUESTION, "answers": ["99 balloons"]}
    questions = write_questions(tmp_path / "q.jsonl", GOOD, wrong)
    files = [tmp_path / "run.json", tmp_path / "run.html"]
    ran = run(
        *("evaluate", questions, "--corpus", indexed, "--json", files[0], "--html", files[1]),
    )
    assert ran.code == 0
    assert re.search(r"retrieval +hit@1 +1\.000 +1\.000 – 1\.000 +1 ", ran.out)
    assert re.search(r"answer .*contains +0\.500 +0\.000 – 1\.000 +2 ", ran.out, re.DOTALL)
    assert "1 of 2 questions passed, not these:\n" in ran.out
    assert f"  wrong  {QUESTION}  – no 99 balloons in the answer\n" in ran.out
    written = json.loads(files[0].read_text(encoding="utf-8"))
    assert written["answer"]["contains"]["value"] == 0.5
    assert written["run"]["encoder"] == "all-MiniLM-L6-v2"
    assert [row["passed"] for row in written["questions"]] == [True, False]
    assert "<h1>Evaluation</h1>" in files[1].read_text(encoding="utf-8")

    questions = write_questions(tmp_path / "q.jsonl", GOOD, wrong | {"answers": ["30%"]})
    again = run("evaluate", questions, "--corpus", indexed, "--compare", files[0])
    assert re.search(r"contains +0\.500 +1\.000 +\+0\.500 +1\.0000 +2 ", again.out)
    assert "newly passed: wrong\n" in again.out


def test_a_question_that_raises_is_listed_and_the_exit_code_is_1(
    indexed: Path, tmp_path: Path
) -> None:
    long = {"id": "long", "question": "why " * 600}
    ran = run("evaluate", write_questions(tmp_path / "q.jsonl", GOOD, long), "--corpus", indexed)
    assert ran.code == 1
    assert "1 of 2 questions passed" in ran.out
    assert "error: question must have at most 2,000 characters" in ran.out


def test_evidence_that_is_not_there_is_wrong_use_and_names_the_line(
    indexed: Path, tmp_path: Path
) -> None:
    evidence = [{"doc_id": "cars.md", "quote": "never written"}]
    questions = write_questions(tmp_path / "q.jsonl", GOOD | {"evidence": evidence})
    assert_refused(run("evaluate", questions, "--corpus", indexed), 2, f"{questions}:1: evidence")


def make_beir(folder: Path) -> Path:
    rows = [("d1", "Tea", "Green tea grows on hills."), ("d2", "Cars", "Cars have four wheels.")]
    corpus = [{"_id": i, "title": title, "text": text} for i, title, text in rows]
    return write_files(
        folder,
        {
            "corpus.jsonl": "".join(json.dumps(row) + "\n" for row in corpus),
            "queries.jsonl": '{"_id": "q1", "text": "where does tea grow"}\n',
            "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1\n",
        },
    )


def test_a_beir_set_is_measured_with_every_retriever(indexed: Path, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    ran = run(
        *("evaluate", "--beir", make_beir(tmp_path / "set"), "--corpus", indexed, "--json", out)
    )
    assert (ran.code, ran.err) == (0, "")
    for retriever in ("dense", "lexical", "hybrid"):
        assert re.search(rf"{retriever} +ndcg@10 +1\.0000 +1\.0000 – 1\.0000 +1 ", ran.out)
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["run"]["documents"] == 2
    assert written["retrieval"]["hybrid"]["hit@1"]["value"] == 1.0


def test_a_lexical_search_loads_no_encoder(tmp_path: Path) -> None:
    beir = make_beir(tmp_path / "set")
    ran = run(
        *("evaluate", "--beir", beir, "--retriever", "lexical", "--model", "no-such-model"),
        *("--corpus", tmp_path / "missing"),
    )
    assert (ran.code, ran.err) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_a_folder_that_is_no_beir_set_says_what_is_missing(tmp_path: Path) -> None:
    assert_refused(run("evaluate", "--beir", tmp_path), 3, "no corpus.jsonl")


# progress


def test_progress_is_for_terminals_only(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress("starting") as tell:
        tell("encoding", 1, 2)
    assert capsys.readouterr() == ("", "")
