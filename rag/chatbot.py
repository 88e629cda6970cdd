"""The whole, composed: a folder of articles in, answers with checked citations out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from pathlib import Path
from threading import Lock

from rag.generate.citations import check_citations
from rag.generate.extractive import ExtractiveGenerator
from rag.generate.forms import Forms, QueryWriter, write_forms
from rag.generate.mentions import N_SHOWN, answer_mentions
from rag.generate.model.language_model import LanguageModel
from rag.index import DocumentRow, IndexReport, IndexStore, OpenIndex, Progress
from rag.index.weights import DEFAULT_MODEL
from rag.parts import Parts, open_parts
from rag.read.memory import RememberingReader
from rag.read.reader import Reader
from rag.records import Answer, Document, Encoder, Generator, Hit, Turn, check_k
from rag.retrieve.followup import write_query
from rag.retrieve.memory import RememberingEncoder
from rag.retrieve.mentions import add_listed, find_first, find_mentions
from rag.retrieve.question import N_HITS, check_question
from rag.retrieve.retriever import IndexRetriever, Mode
from rag.retrieve.scope import Scope, read_scope
from rag.retrieve.spelling import Mended, has_word, mend
from rag.retrieve.terms import split_context


class Chatbot:
    """Answers questions about a folder of articles. May be shared by threads.

    Every sentence of an answer is cited, and every citation has been checked against the article
    that it names; where the articles do not say, the answer abstains. ``report`` tells what was
    done to bring the index up to date, and is ``None`` where nothing was; ``notices`` are sentences
    for the person.
    """

    def __init__(
        self,
        index: OpenIndex,
        encoder: Encoder,
        *,
        reader: Reader | None = None,
        generator: Generator | LanguageModel | None = None,
        mode: Mode = "hybrid",
        k: int = N_HITS,
    ) -> None:
        check_k(k)
        self.index: OpenIndex = index
        self.encoder: Encoder = RememberingEncoder(encoder)
        self.reader = None if reader is None else RememberingReader(reader)
        self.extractive = ExtractiveGenerator(self.encoder, self.reader)
        if isinstance(generator, LanguageModel):
            from rag.generate.generative import LanguageModelGenerator

            generator = LanguageModelGenerator(generator, self.encoder, self.reader)
        self.generator: Generator = self.extractive if generator is None else generator
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
        reader: Reader | str | None = None,
        generator: Generator | LanguageModel | None = None,
        mode: Mode = "hybrid",
        k: int = N_HITS,
        update: bool | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Chatbot:
        """Return a chatbot over the articles of a folder, whose index it builds or updates.

        The index is in ``folder``, by default in ``.rag`` beside the corpus, or in a ``store``:
        ``milvus:PATH.db`` or ``milvus://HOST:PORT``. ``update=False`` takes the index as it is;
        by default that is what becomes of a store once something is in it. The encoder is the
        ``model``, a name or a path, compiled on first use, unless an ``encoder`` is given. So is
        the ``reader``: a folder or ``none``, by default the one that comes with the package, and
        none beside an ``encoder`` of your own.

        Raises:
            FileNotFoundError: There is no such corpus, nothing in it can be indexed or, without
                ``update``, it has no index.
            NotADirectoryError: The corpus is not a folder.
            ValueError: An argument is wrong: the model, for one.
            IndexMismatchError: The index was built with another encoder or splitter.
            IndexDamagedError: The index cannot be trusted.
            LockedError: Another process is building the index, and there is none before it. While
                one is updating it, what was published before answers, and ``notices`` says so.
            OSError: The store cannot be used; the message says why.
        """
        parts = open_parts(
            Path(corpus),
            folder=folder,
            store=store,
            model=model,
            encoder=encoder,
            reader=reader,
            update=update,
            on_progress=on_progress,
        )
        return cls.from_parts(parts, generator=generator, mode=mode, k=k)

    @classmethod
    def from_parts(
        cls,
        parts: Parts,
        *,
        generator: Generator | LanguageModel | None = None,
        mode: Mode = "hybrid",
        k: int = N_HITS,
    ) -> Chatbot:
        """Return a chatbot of parts that have been opened."""
        bot = cls(
            parts.index, parts.encoder, reader=parts.reader, generator=generator, mode=mode, k=k
        )
        bot.report = parts.report
        bot.notices = (*parts.notices, *bot.notices)
        return bot

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        k: int | None = None,
        query: str | None = None,
        generator: Generator | None = None,
    ) -> Answer:
        """Return the answer to a question.

        ``history`` is what was asked and answered before, oldest first; ``query`` replaces the
        standalone query that the question and the history would give, ``generator`` the chatbot's
        for this question.

        Raises:
            ValueError: The question is blank or too long, or ``k`` is below 1.
        """
        *_, answer = self.stream(question, history=history, k=k, query=query, generator=generator)
        return answer

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        k: int | None = None,
        query: str | None = None,
        generator: Generator | None = None,
    ) -> Iterator[Answer]:
        """Yield the growing answer; the last is whole, and its citations are checked.

        The arguments are those of `ask`.

        Raises:
            ValueError: The question is blank or too long, or ``k`` is below 1.
        """
        check_question(question)
        k = check_k(self.k if k is None else k)
        index = self.index  # one generation for the whole answer, whatever is published meanwhile
        generator = self.generator if generator is None else generator
        mended = self._mend(index, question, query)
        question = mended.question
        asked = question if query is None else query
        forms = write_forms(question, history, query, generator)
        query = forms.query
        find_document = cache(index.document)  # each growing answer cites the same articles
        # What is counted is what was asked for, not also what a follow-up carries in brackets.
        scope = read_scope(asked) or read_scope(split_context(query)[0])
        if scope is not None and scope.asks != "list":
            answers = self._count(index, scope, query, k)
        else:
            hits = self._retrieve(index, forms, k)
            if scope is not None:
                hits = add_listed(hits, index, scope.topic)
            answers = generator.stream(question, hits, query=query, history=history)
        for answer in answers:
            answer = check_citations(answer, find_document)
            yield replace(answer, notices=(*mended.notices, *answer.notices))

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
        index = self.index
        question = self._mend(index, question, query).question
        forms = write_forms(question, history, query)
        return self._retrieve(index, forms, check_k(self.k if k is None else k))

    def generate(
        self, question: str, hits: Sequence[Hit], *, history: Sequence[Turn] = ()
    ) -> Answer:
        """Return the answer to the question from exactly these hits; their documents may be any."""
        check_question(question)
        query = write_forms(question, history, None, self.generator).query
        *_, answer = self.generator.stream(question, hits, query=query, history=history)
        return answer

    @property
    def quick(self) -> Generator:
        """What answers without a language model, which takes seconds: its own, if that is none."""
        if isinstance(self.generator, QueryWriter):
            return self.extractive
        return self.generator

    def standalone(self, question: str, history: Sequence[Turn] = ()) -> str:
        """Return the query that stands for the question after what was said before.

        It is made without a language model.
        """
        return write_query(self._mend(self.index, question, None).question, history)

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

    def _mend(self, index: OpenIndex, question: str, query: str | None) -> Mended:
        """Return the question without errors of typing; who gives a query has seen what is read."""
        if query is not None:
            return Mended(question)
        return mend(question, index, partial(has_word, self.encoder))

    def _retrieve(self, index: OpenIndex, forms: Forms, k: int) -> list[Hit]:
        retriever = IndexRetriever(index, self.encoder, mode=self.mode, reader=self.reader)
        return retriever.retrieve_all(forms.weighted, k, said=forms.said)

    def _count(self, index: OpenIndex, scope: Scope, query: str, k: int) -> Iterator[Answer]:
        """Yield the answer to what is asked of all articles, from every one of them."""
        if scope.asks == "all":
            hits = find_first(index, N_SHOWN)
        else:
            hits = find_mentions(index, scope.topic)
        nearest = () if hits else tuple(self._retrieve(index, Forms(query, [(query, 1.0)]), k))
        for answer in answer_mentions(scope, hits, n_documents=index.n_documents, query=query):
            yield replace(answer, hits=answer.hits or nearest)


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
