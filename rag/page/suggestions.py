"""Questions that the articles answer and nobody has asked yet, made without a language model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.chatbot import Chatbot
from rag.generate.citations import plain_text
from rag.ingest.sentences import find_blocks, find_sentences
from rag.page import wording
from rag.page.sources import Exchange
from rag.records import Answer, Document, Turn
from rag.retrieve.terms import STOP_WORDS

N_STARTERS = 4  # two rows of two
N_SUGGESTIONS = 3  # what fits below an answer without becoming a list
MAX_ASKED = 6  # candidates put to the chatbot at 70 ms each; most pass, and the page waits for none
MAX_DOCUMENTS = 4  # articles to take candidates from
HEADING_LENGTH = 60  # characters; a longer heading is a sentence

# Headings that say which part of an article this is, not what it is about.
_STRUCTURE = frozenset(
    word
    for line in """
    abstract acknowledgements appendix background bibliography conclusion conclusions contents
    discussion faq foreword history introduction method methods more notes outlook overview
    preface references related results sources summary table tldr
    """.splitlines()
    for word in line.split()
)
# Words that are in lower case within a sentence, whether the article has them there or not.
_SMALL_WORDS = frozenset(
    word
    for line in """
    a all an and at by every for from how in its more no of on one our some the their these this
    to two what when where which who why with
    """.splitlines()
    for word in line.split()
)
# A name and what it is, as "Ahsan Iqbal, the minister for planning," has them.
_NAME = re.compile(r"((?:[A-Z][\w’'-]+ ){0,3}[A-Z][\w’'-]+), (?:an?|the|one of) ")
_FIRST_WORD = re.compile(r"[A-Z][a-z]*\b")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, and the characters of the document that an answer to it has to cite."""

    question: str
    doc_id: str
    start: int
    end: int


def suggest(
    bot: Chatbot,
    doc_ids: Sequence[str],
    *,
    exchanges: Sequence[Exchange] = (),
    history: Sequence[Turn] = (),
    n: int = N_SUGGESTIONS,
) -> list[str]:
    """Return at most ``n`` questions about the documents that have an answer not given before.

    Each is made from a heading, or from a name that the document explains, and has been asked: the
    chatbot answers it after this ``history``, and cites the place that it was made from. What
    ``exchanges`` cite is left out.
    """
    asked = {each.question.casefold() for each in exchanges}
    said = {
        (citation.passage.doc_id, citation.start)
        for each in exchanges
        for citation in each.answer.citations
    }
    mentioned = exchanges[-1].answer.text if exchanges else ""
    found: list[str] = []
    n_asked = 0
    for candidate in _list_candidates(bot, doc_ids[:MAX_DOCUMENTS], said, mentioned):
        if candidate.question.casefold() in asked:
            continue
        if len(found) == n or n_asked == MAX_ASKED:
            break
        n_asked += 1
        answer = bot.ask(candidate.question, history=history, generator=bot.quick)
        if not answer.abstained and _is_new(answer, candidate, said):
            found.append(candidate.question)
            asked.add(candidate.question.casefold())
    return found


def suggest_next(bot: Chatbot, exchanges: Sequence[Exchange], history: Sequence[Turn]) -> list[str]:
    """Return questions to ask after the last exchange: about what it cites, or was nearest."""
    if not exchanges:
        return []
    answer = exchanges[-1].answer
    passages = [
        *(citation.passage for citation in answer.citations),
        *(hit.passage for hit in answer.hits),
    ]
    doc_ids = list(dict.fromkeys(passage.doc_id for passage in passages))
    return suggest(bot, doc_ids, exchanges=exchanges, history=history)


def suggest_first(bot: Chatbot, n: int = N_STARTERS) -> list[str]:
    """Return at most ``n`` questions to begin with, from as many documents as there are."""
    found: list[str] = []
    for row in bot.documents()[:MAX_ASKED]:
        if len(found) < n:
            found += suggest(bot, [row.doc_id], n=1)
    return found


def read_candidates(document: Document) -> tuple[list[Candidate], list[Candidate]]:
    """Return what can be asked about a document: its sections, and the names that it explains."""
    blocks = list(find_blocks(document.text))
    sections = []
    for place, block in enumerate(blocks):
        if not block.level:
            continue
        heading = plain_text(document.text[block.start : block.end].lstrip("# ")).strip()
        ends = (later.start for later in blocks[place + 1 :] if later.level)
        end = next(ends, len(document.text))
        question = _ask_about(heading, document)
        if question and document.text[block.end : end].strip():
            sections.append(Candidate(question, document.doc_id, block.end, end))
    names = []
    for start, end in find_sentences(document.text):
        for match in _NAME.finditer(document.text[start:end]):
            if name := _strip_small_words(match[1]):
                question = wording.ABOUT_NAME.format(name=name)
                names.append(Candidate(question, document.doc_id, start, end))
    return sections, names


def _list_candidates(
    bot: Chatbot, doc_ids: Sequence[str], said: set[tuple[str, int]], mentioned: str
) -> Iterator[Candidate]:
    """Yield a name that was just mentioned, then sections, a document at a time, then names.

    The sections begin with the one after what was cited last, as one reads on.
    """
    later: list[Candidate] = []
    for doc_id in doc_ids:
        try:
            document = bot.document(doc_id)
        except KeyError:
            continue
        sections, names = read_candidates(document)
        here = [each for each in names if _name_of(each) in mentioned]
        yield from here[:1]
        later += [each for each in names if each not in here[:1]]
        last = max((start for cited, start in said if cited == doc_id), default=-1)
        unread = [each for each in sections if not _was_said(each, said)]
        yield from sorted(unread, key=lambda each: (each.start < last, each.start))
    yield from later


def _ask_about(heading: str, document: Document) -> str:
    """Return a question for a heading, empty where the heading is not about anything."""
    words = re.findall(r"[^\W\d_]+", heading.casefold())
    is_title = heading.casefold() == document.title.casefold()
    if is_title or len(heading) > HEADING_LENGTH or not set(words) - _STRUCTURE:
        return ""
    if heading.endswith("?"):
        return heading
    topic = _lower_capitals(heading.rstrip(".:"), document.text)
    if topic.startswith("Why "):
        return f"{topic}?"
    first = _FIRST_WORD.match(topic)
    if first is not None and _is_common(first[0].lower(), document.text):
        topic = topic[0].lower() + topic[1:]
    return wording.ABOUT_HEADING.format(heading=topic)


def _lower_capitals(heading: str, text: str) -> str:
    """Return a heading of several words in capitals in small letters.

    A word is written as elsewhere in the text: a name keeps its capital, and a short form such as
    NATO all of them.
    """
    if not heading.isupper() or " " not in heading:
        return heading
    body = text.replace(heading, " ")

    def write(word: re.Match[str]) -> str:
        small = word[0].lower()
        found = re.findall(rf"(?i)\b{small}\b", "" if small in _SMALL_WORDS else body)
        return min(found, key=lambda each: sum(map(str.isupper, each)), default=small)

    return re.sub(r"[^\W\d_]+", write, heading)


def _strip_small_words(name: str) -> str:
    """Return a name without what is in capitals before it because a sentence begins there."""
    words = name.split()
    while words and words[0].lower() in STOP_WORDS:
        words.pop(0)
    return " ".join(words)


def _is_common(word: str, text: str) -> bool:
    """Whether a word is no name, since the text has it in lower case."""
    return word in _SMALL_WORDS or re.search(rf"\b{word}\b", text) is not None


def _is_new(answer: Answer, candidate: Candidate, said: set[tuple[str, int]]) -> bool:
    """Whether an answer cites the place of the candidate, and something not cited before."""
    return any(
        citation.passage.doc_id == candidate.doc_id
        and candidate.start <= citation.start < candidate.end
        and (citation.passage.doc_id, citation.start) not in said
        for citation in answer.citations
    )


def _was_said(candidate: Candidate, said: set[tuple[str, int]]) -> bool:
    return any(
        doc_id == candidate.doc_id and candidate.start <= start < candidate.end
        for doc_id, start in said
    )


def _name_of(candidate: Candidate) -> str:
    lead, _, tail = wording.ABOUT_NAME.partition("{name}")
    return candidate.question.removeprefix(lead).removesuffix(tail)
