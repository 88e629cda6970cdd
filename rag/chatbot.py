"""The whole, composed: a folder of articles in, answers with checked citations out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock

from rag.generate.citations import check_citations
from rag.generate.extractive import ExtractiveGenerator
from rag.index import DocumentRow, IndexReport, IndexStore, OpenIndex, Progress, find_store
from rag.index.compiler import load_encoder
from rag.index.weights import DEFAULT_MODEL
from rag.ingest.files import check_corpus
from rag.records import Answer, Document, Encoder, Generator, Hit, Turn
from rag.retrieve.followup import write_queries, write_query
from rag.retrieve.memory import RememberingEncoder
from rag.retrieve.retriever import IndexRetriever, Mode

MAX_QUESTION = 2_000  # characters; more is a document, not a question
N_HITS = 5  # passages to answer from


class Chatbot:
    """Answers questions about a folder of articles. May be shared by threads.

    Every sentence of an answer is cited, and every citation has been checked against the article
    that it names; where the articles do not say, the answer abstains. ``report`` tells what was
    done to bring the index up to date, ``notices`` are sentences for the person.
    """

    def __init__(
        self,
        index: OpenIndex,
        encoder: Encoder,
        *,
        generator: Generator | None = None,
        mode: Mode = "hybrid",
        k: int = N_HITS,
    ) -> None:
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        self.index = index
        self.encoder: Encoder = RememberingEncoder(encoder)
        self.generator = ExtractiveGenerator(self.encoder) if generator is None else generator
        self.mode = mode
        self.k = k
        self.report: IndexReport | None = None
        self.notices: tuple[str, ...] = index.notices

    @classmethod
    def from_corpus(  # noqa: PLR0913 - the parts, each with its default
        cls,
        corpus: str | Path = "corpus",
        *,
        folder: Path | None = None,
        store: IndexStore | str | None = None,
        model: str = DEFAULT_MODEL,
        encoder: Encoder | None = None,
        generator: Generator | None = None,
        mode: Mode = "hybrid",
        k: int = N_HITS,
        update: bool | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Chatbot:
        """Return a chatbot over the articles of a folder, whose index it builds or updates.

        The index is in ``folder``, by default in ``.rag`` beside the corpus, or in a ``store``:
        ``milvus:PATH.db`` or ``milvus://HOST:PORT``. ``update=False`` takes the index as it is;
        by default that is what becomes of a store once something is in it. The encoder is the
        ``model``, a name or a path, compiled on first use, unless an ``encoder`` is given.

        Raises:
            FileNotFoundError: There is no such corpus, nothing in it can be indexed or, without
                ``update``, it has no index.
            NotADirectoryError: The corpus is not a folder.
            ValueError: An argument is wrong: the model, for one.
            IndexMismatchError: The index was built with another encoder or splitter.
            IndexDamagedError: The index cannot be trusted.
            LockedError: Another process is updating the index.
            OSError: The store cannot be used; the message says why.
        """
        corpus = Path(corpus)
        if store is None:
            check_corpus(corpus)  # before half a minute goes into an encoder for it
        if store is None or isinstance(store, str):
            store = find_store(store, corpus, folder)
        store.check()
        if update is None:
            update = store.expects_update()
        if update:
            check_corpus(corpus)
        notices: list[str] = []
        if encoder is None:
            encoder, notices = load_encoder(model, cache=store.folder / "encoder")
        report = store.update(corpus, encoder, on_progress=on_progress) if update else None
        bot = cls(store.open(encoder), encoder, generator=generator, mode=mode, k=k)
        bot.report = report
        bot.notices = (*notices, *bot.notices)
        return bot

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        k: int | None = None,
        query: str | None = None,
    ) -> Answer:
        """Return the answer to a question.

        ``history`` is what was asked and answered before, oldest first; ``query`` replaces the
        standalone query that the question and the history would give.

        Raises:
            ValueError: The question is blank or too long, or ``k`` is below 1.
        """
        *_, answer = self.stream(question, history=history, k=k, query=query)
        return answer

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        k: int | None = None,
        query: str | None = None,
    ) -> Iterator[Answer]:
        """Yield the growing answer; the last is whole, and its citations are checked.

        Raises:
            ValueError: The question is blank or too long, or ``k`` is below 1.
        """
        check_question(question)
        index = self.index  # one generation for the whole answer, whatever is published meanwhile
        hits = self._retrieve(index, question, history, k, query)
        yield from self._generate(index, question, hits, history, query)

    def retrieve(
        self,
        question: str,
        *,
        k: int | None = None,
        history: Sequence[Turn] = (),
        query: str | None = None,
    ) -> list[Hit]:
        """Return at most ``k`` hits for the question, best first.

        Raises:
            ValueError: The question is blank or too long, or ``k`` is below 1.
        """
        check_question(question)
        return self._retrieve(self.index, question, history, k, query)

    def generate(
        self, question: str, hits: Sequence[Hit], *, history: Sequence[Turn] = ()
    ) -> Answer:
        """Return the answer to the question from exactly these hits; their documents may be any."""
        check_question(question)
        query = write_query(question, history)
        *_, answer = self.generator.stream(question, hits, query=query, history=history)
        return answer

    def standalone(self, question: str, history: Sequence[Turn] = ()) -> str:
        """Return the query that stands for the question after what was said before."""
        return write_query(question, history)

    def document(self, doc_id: str) -> Document:
        """Return an article with its whole text.

        Raises:
            KeyError: There is no such article.
        """
        return self.index.document(doc_id)

    def documents(self) -> list[DocumentRow]:
        """Return what a list of the articles shows, ordered by ``doc_id``."""
        return self.index.documents()

    def refresh(self) -> None:
        """Move to the newest generation of the index; answers under way end in theirs.

        Raises:
            IndexMismatchError: It was built with another encoder or splitter.
            IndexDamagedError: It cannot be trusted.
        """
        self.index = self.index.refresh()

    def _retrieve(
        self,
        index: OpenIndex,
        question: str,
        history: Sequence[Turn],
        k: int | None,
        query: str | None,
    ) -> list[Hit]:
        retriever = IndexRetriever(index, self.encoder, mode=self.mode)
        queries = write_queries(question, history) if query is None else [(query, 1.0)]
        return retriever.retrieve_all(queries, self.k if k is None else k)

    def _generate(
        self,
        index: OpenIndex,
        question: str,
        hits: Sequence[Hit],
        history: Sequence[Turn],
        query: str | None,
    ) -> Iterator[Answer]:
        query = write_query(question, history) if query is None else query
        find_document = cache(index.document)  # each growing answer cites the same articles
        for answer in self.generator.stream(question, hits, query=query, history=history):
            yield check_citations(answer, find_document)


def answer(
    question: str,
    corpus: str | Path = "corpus",
    *,
    history: Sequence[Turn] = (),
    k: int = N_HITS,
) -> Answer:
    """Return the answer to a question about the articles in a folder.

    The first call for a folder builds or updates its index; later ones in this process use it as
    it is. For more, use `Chatbot`.

    Raises:
        ValueError: The question is blank or too long, or ``k`` is below 1.
        FileNotFoundError: There is no such folder.
    """
    check_question(question)
    with _opening:  # a second thread waits for the first rather than index the same folder
        bot = _chatbot(Path(corpus).absolute())
    return bot.ask(question, history=history, k=k)


_opening = Lock()


@lru_cache(maxsize=4)
def _chatbot(corpus: Path) -> Chatbot:
    return Chatbot.from_corpus(corpus)


def check_question(question: str) -> None:
    """Raise a ``ValueError`` unless the question can be asked."""
    if not question.strip():
        raise ValueError("question must not be blank; type what you want to know")
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise ValueError("question must be text, got bytes that are not UTF-8; type it again")
    if len(question) > MAX_QUESTION:
        raise ValueError(
            f"question must have at most {MAX_QUESTION:,} characters, got {len(question):,}; "
            "ask for one thing at a time"
        )
