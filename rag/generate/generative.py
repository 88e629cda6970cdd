"""The generator with a language model: it writes, and what no passage supports is marked."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from rag.generate.citations import ABSTENTION
from rag.generate.extractive import ExtractiveGenerator
from rag.generate.model.draft import Draft, Written
from rag.generate.model.faults import Fault, ModelFaultError
from rag.generate.model.language_model import LanguageModel
from rag.generate.model.prompt import N_TOKENS, Prompt, write_prompt
from rag.generate.model.review import Review
from rag.generate.model.rewriting import MAX_QUERY, vet_query, write_rewriting_prompt
from rag.generate.model.thoughts import leave_out_thoughts
from rag.read.reader import Reader
from rag.records import Answer, Encoder, Hit, Turn
from rag.retrieve.followup import is_dependent

MAX_CHARACTERS = 6_000  # of an answer, ten times a long one; beyond, a model goes round in circles
MAX_BLANKS = 200  # in a row: nothing comes after them
MAX_REPEATED = 3  # sentences that were there before: the same sign, seen sooner

FALLBACK = "{fault}; this answer is in the articles' own words."
CUT_SHORT = "{fault}; what it wrote before is checked and shown."


class LanguageModelGenerator:
    """Answers in a language model's words; see `rag.records.Generator`.

    Whether the articles answer at all is decided before the model is asked, as for
    `ExtractiveGenerator`, and what it writes is shown sentence by sentence, each checked. Where
    the model fails, or nothing that it writes is supported, the answer is the extractive one,
    with a notice.
    """

    def __init__(
        self,
        model: LanguageModel,
        encoder: Encoder,
        reader: Reader | None = None,
        *,
        threshold: float | None = None,
        n_tokens: int = N_TOKENS,
    ) -> None:
        """Take a model, an encoder and perhaps a reader; ``n_tokens`` is the budget of a prompt.

        ``threshold`` is the confidence below which the answer abstains, unless the fitted one
        will do.
        """
        self.model = model
        self.n_tokens = n_tokens
        self.extractive = ExtractiveGenerator(encoder, reader, threshold=threshold)
        self.checker = self.extractive.checker

    @property
    def name(self) -> str:
        """What wrote the answer."""
        return f"language model {self.model.title}"

    def stream(
        self, question: str, hits: Sequence[Hit], *, query: str, history: Sequence[Turn] = ()
    ) -> Iterator[Answer]:
        """Yield the answer, a checked sentence more each time."""
        judged = self.extractive.judge(question, hits, query=query, history=history)
        refusal = Answer(
            ABSTENTION,
            hits=tuple(hits),
            abstained=True,
            confidence=judged.confidence,
            query=query,
            generator=self.name,
        )
        if not judged.is_answered:
            yield refusal
            return
        prompt = write_prompt(question, hits, query=query, n_tokens=self.n_tokens)
        review = Review(self.checker, prompt.passages, [hit.passage for hit in hits])
        fault: Fault | None = Fault.NO_ROOM
        if prompt.passages:
            fault = yield from self._write(prompt, review, refusal)
        if review.n_supported:
            notices = (CUT_SHORT.format(fault=fault.value),) if fault else ()
            yield replace(_complete(refusal, review), notices=notices)
        elif review.n_refusals and fault is None:
            yield refusal
        else:
            wrote = review.n_unsupported + review.n_asides
            why = fault or (Fault.UNSUPPORTED if wrote else Fault.EMPTY)
            notice = FALLBACK.format(fault=why.value)
            for answer in self.extractive.stream(question, hits, query=query, history=history):
                yield replace(answer, notices=(notice, *answer.notices))

    def write_query(self, question: str, history: Sequence[Turn]) -> str:
        """Return the question as it stands alone, in the model's words.

        Empty where the question stands alone as it is, and where the model fails or writes
        something else.
        """
        if not history or not is_dependent(question):
            return ""
        messages = write_rewriting_prompt(question, history)
        written = ""
        try:
            with closing(
                self.model.stream(messages, total=self.model.deadlines.rewriting)
            ) as pieces:
                for piece in leave_out_thoughts(pieces):
                    written += piece
                    if len(written) > 2 * MAX_QUERY:
                        break
        except ModelFaultError:
            return ""
        return vet_query(written, question, history)

    def _write(
        self, prompt: Prompt, review: Review, frame: Answer
    ) -> Generator[Answer, None, Fault | None]:
        """Yield the growing answer while the model writes; return what went wrong, if anything."""
        try:
            with closing(self._write_sentences(prompt)) as sentences:
                for written in sentences:
                    if review.add(written) and review.n_supported:
                        yield _complete(frame, review)
                    if review.n_repeated > MAX_REPEATED:
                        return Fault.ENDLESS
        except ModelFaultError as error:
            return error.fault
        return None

    def _write_sentences(self, prompt: Prompt) -> Generator[Written, None, None]:
        """Yield the sentences that the model writes, as each is finished."""
        draft = Draft()
        with closing(self.model.stream(prompt.messages)) as pieces:
            for piece in leave_out_thoughts(pieces):
                yield from draft.add(piece)
                if draft.n_characters > MAX_CHARACTERS:
                    raise ModelFaultError(Fault.ENDLESS)
                if draft.n_blanks > MAX_BLANKS:
                    break
        yield from draft.finish()


def _complete(frame: Answer, review: Review) -> Answer:
    """Return the answer so far within its frame."""
    written = review.answer()
    return replace(
        frame,
        text=written.text,
        citations=written.citations,
        unsupported=written.unsupported,
        abstained=False,
    )
