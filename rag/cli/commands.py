"""``rag index``, ``ask``, ``chat``, ``evaluate`` and ``serve``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from rag.cli.answers import show_answer
from rag.cli.conversation import Conversation
from rag.cli.index_reports import (
    describe_index,
    describe_milvus,
    describe_passed_over,
    describe_report,
    list_changes,
    sum_up_plan,
)
from rag.cli.opening import choose_store, list_notices, open_chatbot, update_shard
from rag.cli.options import (
    CorpusArgument,
    CorpusOption,
    FolderOption,
    HitsOption,
    LlmModelOption,
    LlmOption,
    ModelOption,
    ReaderOption,
    StoreOption,
)
from rag.cli.screen import say, show, show_json, show_progress
from rag.export import answer_to_json
from rag.failures import BROKEN, EXPECTED, INCOMPLETE, exit_code, explain
from rag.index import IndexStore
from rag.index.milvus.store import MilvusStore
from rag.index.store import Store
from rag.index.weights import DEFAULT_MODEL
from rag.ingest.files import SkippedFile, check_corpus, count_passed_over
from rag.page.writer import find_language_model
from rag.records import check_k
from rag.retrieve.question import N_HITS, check_question
from rag.retrieve.retriever import Mode

MODES: tuple[Mode, ...] = ("dense", "lexical", "hybrid")
CORPUS = Path("corpus")


class Commands(TyperGroup):
    """The commands; an expected error ends them with one line and its exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # whoever reads the output has had enough; typer ends without a word
        except EXPECTED as error:
            say(explain(error))
            raise typer.Exit(exit_code(error)) from error


app = typer.Typer(
    cls=Commands,
    help="Answers questions about a folder of articles; every sentence carries a checked citation.",
    epilog="Exit codes: 0 done; 1 done, but files were skipped or questions failed; "
    "2 wrong use; 3 broken index or corpus.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def index(  # noqa: PLR0913  every option of a command is an argument
    corpus: CorpusArgument = CORPUS,
    folder: FolderOption = None,
    store: StoreOption = None,
    model: ModelOption = DEFAULT_MODEL,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what would change, and change nothing.")
    ] = False,
    stats: Annotated[
        bool, typer.Option("--stats", help="Say what the index holds, and change nothing.")
    ] = False,
    shard: Annotated[
        str | None,
        typer.Option(metavar="I/N", help="Index only this part; other machines do the others."),
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build it anew in the store, then switch to that.")
    ] = False,
) -> None:
    """Build the index of a folder of articles, or bring it up to date."""
    if plan and stats:
        raise ValueError("--plan and --stats must not be given together; choose one")
    where = choose_store(corpus, folder, store, shard=shard, rebuild=rebuild)
    if stats:
        _show_stats(where)
        return
    if plan:
        check_corpus(corpus)
        found = where.plan(corpus)
        for line in (*list_changes(found), sum_up_plan(found)):
            show(line)
        _end_with(found.skipped)
        return
    if isinstance(where, MilvusStore):
        report, notices = update_shard(corpus, where, model)
        for notice in notices:
            say(notice)
        show(describe_report(report, list))
        _end_with(report.skipped)
        return
    bot = open_chatbot(corpus, where, model)
    for notice in bot.notices:
        say(notice)
    if bot.report is None:  # somebody else is writing it, as a notice says
        raise typer.Exit(BROKEN)
    show(describe_report(bot.report, bot.documents))
    for line in describe_passed_over(count_passed_over(corpus)):
        say(line)
    _end_with(bot.report.skipped)


@app.command()
def ask(  # noqa: PLR0913  every option of a command is an argument
    context: typer.Context,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What you want to know.")],
    corpus: CorpusOption = CORPUS,
    folder: FolderOption = None,
    store: StoreOption = None,
    model: ModelOption = DEFAULT_MODEL,
    reader: ReaderOption = "",
    llm: LlmOption = None,
    llm_model: LlmModelOption = None,
    k: HitsOption = N_HITS,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the answer and all behind it as JSON.")
    ] = False,
) -> None:
    """Answer one question from the articles."""
    check_question(question)
    check_k(k)
    writer = find_language_model(os.environ, llm, llm_model)
    where = choose_store(corpus, folder, store)
    bot = open_chatbot(corpus, where, model, reader=reader, writer=writer)
    answer = bot.ask(question, k=k)
    notices = list_notices(bot)
    if as_json:
        show_json(answer_to_json(question, answer, bot.document, notices))
    else:
        for notice in (*notices, *answer.notices):
            say(notice)
        show_answer(answer, bot.document)
    if context.obj is not None and not isinstance(where, MilvusStore):  # which may still write
        context.obj()  # leaves at once: this process does nothing else


@app.command()
def chat(
    corpus: CorpusOption = CORPUS,
    folder: FolderOption = None,
    store: StoreOption = None,
    model: ModelOption = DEFAULT_MODEL,
    reader: ReaderOption = "",
    llm: LlmOption = None,
    llm_model: LlmModelOption = None,
    k: HitsOption = N_HITS,
) -> None:
    """Talk about the articles, question after question; /help says what else can be done."""
    check_k(k)
    writer = find_language_model(os.environ, llm, llm_model)
    where = choose_store(corpus, folder, store)
    bot = open_chatbot(corpus, where, model, reader=reader, writer=writer)
    for notice in list_notices(bot):
        say(notice)
    Conversation(bot, k).run()


@app.command()
def evaluate(  # noqa: PLR0913  every option of a command is an argument
    questions: Annotated[
        Path | None, typer.Argument(metavar="QUESTIONS", help="A file of test questions.")
    ] = None,
    beir: Annotated[
        Path | None,
        typer.Option("--beir", metavar="DIR", help="A BEIR set; the three retrievers, or one."),
    ] = None,
    retriever: Annotated[Mode | None, typer.Option(help="How to search.")] = None,
    corpus: CorpusOption = CORPUS,
    folder: FolderOption = None,
    store: StoreOption = None,
    model: ModelOption = DEFAULT_MODEL,
    reader: ReaderOption = "",
    llm: LlmOption = None,
    llm_model: LlmModelOption = None,
    k: HitsOption = N_HITS,
    json: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Write everything to this file.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Write a report for the browser.")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Compare with what --json wrote before.")
    ] = None,
) -> None:
    """Measure retrieval, answers and refusals with test questions, or retrieval on a BEIR set."""
    # Here, as a question needs none of it, and to import it takes time.
    from rag.cli.measuring import measure_beir, measure_chatbot, show_evaluation, write_json
    from rag.evaluate import read_run, write_html

    check_k(k)
    _check_output("--json", json)
    _check_output("--html", html)
    where = choose_store(corpus, folder, store)
    if beir is not None:
        if questions is not None or html is not None or compare is not None:
            raise ValueError("--beir must come without QUESTIONS, --html and --compare; leave out")
        modes = MODES if retriever is None else (retriever,)
        run = measure_beir(beir, modes, model=model, reader=reader, store=where)
        if json is not None:
            write_json(json, run)
        return
    if questions is None or not questions.is_file():
        named = "none" if questions is None else f"'{questions}'"
        raise ValueError(f"QUESTIONS must be a file of test questions, got {named}; or give --beir")
    old = None if compare is None else read_run(compare)
    writer = find_language_model(os.environ, llm, llm_model)
    bot = open_chatbot(
        corpus, where, model, reader=reader, mode=retriever or "hybrid", writer=writer
    )
    for notice in list_notices(bot):
        say(notice)
    evaluation = measure_chatbot(bot, questions, k=k)
    if json is not None:
        write_json(json, evaluation.to_json())
    if html is not None:
        write_html(evaluation, html)
    show_evaluation(evaluation, old)
    if evaluation.n_failed:
        raise typer.Exit(INCOMPLETE)


@app.command()
def serve(  # noqa: PLR0913  every option of a command is an argument
    corpus: CorpusOption = CORPUS,
    folder: FolderOption = None,
    store: StoreOption = None,
    model: ModelOption = DEFAULT_MODEL,
    reader: ReaderOption = "",
    llm: LlmOption = None,
    llm_model: LlmModelOption = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="The port; by default the first that is free.")
    ] = None,
    auth: Annotated[
        str | None,
        typer.Option(
            metavar="USER:PASSWORD", help="Let in only who knows these.", envvar="RAG_AUTH"
        ),
    ] = None,
    feedback: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where ratings are kept as test questions."),
    ] = None,
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Offer the answer as a tool of an MCP server, too.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Log errors in full; they may quote questions.")
    ] = False,
) -> None:
    """Start the page, as python ui.py does."""
    try:
        import ui
        from rag.page.loading import LoadingError
    except ImportError as error:
        raise OSError(
            f"the page cannot be loaded ({error}); start it with 'python ui.py' in the folder of "
            "the project"
        ) from error
    if store is None:
        check_corpus(corpus)
    try:
        ui.serve(
            corpus,
            index=folder,
            store=store,
            host=host,
            port=port,
            auth=ui.parse_auth(auth),
            model=model,
            reader=reader,
            feedback=feedback,
            mcp=mcp,
            verbose=verbose,
            language_model=find_language_model(os.environ, llm, llm_model),
        )
    except LoadingError as error:
        say(explain(error))
        raise typer.Exit(BROKEN) from error


def _show_stats(where: IndexStore) -> None:
    with show_progress("checking") as tell:
        if isinstance(where, MilvusStore):
            facts = describe_milvus(where, partial(tell, "counting tokens"))
        else:
            with closing(Store.open(where.folder)) as store:
                store.check()
                facts = describe_index(store, partial(tell, "counting tokens"))
    for name, value in facts.items():
        show(f"{name:10}  {value}")


def _end_with(skipped: Sequence[SkippedFile]) -> None:
    """Say which files were skipped, if any, and let the exit code say so too."""
    for file in skipped:
        say(f"skipped {file.relative}: {file.reason}")
    if skipped:
        raise typer.Exit(INCOMPLETE)


def _check_output(option: str, path: Path | None) -> None:
    """Raise where a file could not be written, before minutes of work are spent on it."""
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise ValueError(
            f"{option} must be a file in a folder that exists, got '{path}'; make the folder first"
        )
