"""A conversation that can be followed by hand: two articles, and a generator that quotes them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rag.chatbot import Chatbot
from rag.index import DocumentRow, Progress
from rag.records import Answer, Citation, Hit, Passage, Turn
from tests.fakes import WordEncoder

_SENTENCE = re.compile(r"^[^#\n][^.\n]*\.", re.MULTILINE)

RIVER = "# The river\n\nThe river rises in May. It falls in June.\n\nBoats <wait> & watch."
WOOD = "The wood is old. Wolves live there."


def make_passage(text: str = RIVER, doc_id: str = "river.md", title: str = "The river") -> Passage:
    return Passage(f"{doc_id}:0", doc_id, 0, len(text), title, text, title)


def cite(passage: Passage, quote: str, number: int = 1) -> Citation:
    start = passage.start + passage.text.index(quote)
    return Citation(number, passage, start, start + len(quote))


def make_answer(quote: str = "The river rises in May.") -> Answer:
    """An answer that cites one sentence of one article, with another passage not cited."""
    river, wood = make_passage(), make_passage(WOOD, "wood.md", "The wood")
    return Answer(
        text=f"{quote} [1]",
        citations=(cite(river, quote),),
        hits=(Hit(river, 0.9, 1, 1, 2), Hit(wood, 0.2, 2, None, 3)),
        confidence=0.874,
        query="river rises",
        generator="by hand",
    )


def refusal() -> Answer:
    answer = make_answer()
    return Answer("The articles do not say.", (), answer.hits, True, 0.1, "wolves", "by hand")


ROWS = {
    "river.md": DocumentRow("river.md", "The river", "The Gazette", "2024-05-01", 1),
    "wood.md": DocumentRow("wood.md", "The wood", "", "", 1),
}


class Quoting:
    """Answers with the first sentence of the first hit, word by word.

    It fails where the question has "fail", abstains where it has "abstain", and takes its time
    where it has "slow". ``asked`` are question, query and history of all calls.
    """

    name = "quoting"

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, tuple[Turn, ...]]] = []

    def stream(
        self, question: str, hits: Sequence[Hit], *, query: str, history: Sequence[Turn] = ()
    ) -> Iterator[Answer]:
        self.asked.append((question, query, tuple(history)))
        if "fail" in question:
            raise RuntimeError("a bug of the generator")
        if "abstain" in question or not hits:
            yield Answer("The articles do not say.", (), tuple(hits), True, 0.1, query, self.name)
            return
        passage = hits[0].passage
        sentence = _SENTENCE.findall(passage.text)[0]
        if "slow" in question:
            for n in range(1, 200):
                yield Answer(f"Word {n}", (), tuple(hits), False, 0.5, query, self.name)
                time.sleep(0.1)
        citation = cite(passage, sentence)
        yield Answer(f"{sentence} [1]", (citation,), tuple(hits), False, 0.9, query, self.name)


def write_articles(corpus: Path) -> Path:
    corpus.mkdir(parents=True, exist_ok=True)
    (corpus / "river.md").write_text(
        f"---\ntitle: The river\nsource: The Gazette\ndate: 2024-05-01\n---\n{RIVER}", "utf-8"
    )
    (corpus / "wood.md").write_text(f"---\ntitle: The wood\n---\n{WOOD}", "utf-8")
    return corpus


def quoting_bot(folder: Path, tell: Callable[[Progress], None] | None = None) -> Chatbot:
    """A chatbot over the two articles, whose index is real and whose answers are quotations."""
    corpus = write_articles(folder / "corpus")
    return Chatbot.from_corpus(corpus, encoder=WordEncoder(), generator=Quoting(), on_progress=tell)
