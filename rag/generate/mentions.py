"""The hits of an exhaustive pass → which articles mention a topic, and how many: counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.generate.citations import ABSTENTION, Statement, Support, cite, plain_text
from rag.generate.evidence import find_hit_sentences
from rag.generate.features import Sentence
from rag.generate.headings import Heading, find_headings
from rag.records import Answer, Hit
from rag.retrieve.mentions import find_held
from rag.retrieve.scope import Scope
from rag.retrieve.terms import content_terms

N_SHOWN = 20  # articles named; who wants more asks for something rarer


def answer_mentions(
    scope: Scope, hits: Sequence[Hit], *, n_documents: int, query: str
) -> Iterator[Answer]:
    """Yield the growing answer: how many articles mention the topic, then a sentence of each.

    ``hits`` are those of `rag.retrieve.mentions.find_mentions`, one for each article that
    mentions it, or of `find_first` for all; ``n_documents`` is how many articles there are. The
    confidence is 1, or 0 where no article does: this is counted, not estimated.
    """
    frame = Answer(ABSTENTION, abstained=True, query=query, generator="mentions")
    if scope.asks == "without":
        count = count_mentions(scope.topic, len(hits), n_documents)
        yield replace(frame, notices=(f"What an article leaves out cannot be cited. {count}.",))
        return
    statements = [state_mention(scope.topic, hit) for hit in hits[:N_SHOWN]]
    if not statements:
        notice = f"None of the {n_documents:,} articles has a passage with “{scope.topic}”."
        yield replace(frame, notices=(notice,))
        return
    if scope.asks == "all":
        lead = lead_in_all(n_documents)
    else:
        lead = lead_in(scope.topic, len(hits), n_documents)
    for n in range(1, len(statements) + 1):
        cited = cite(statements[:n], lead=lead)
        yield replace(
            frame,
            text=cited.text,
            citations=cited.citations,
            abstained=False,
            confidence=1.0,
            hits=tuple(hits),
        )


def lead_in_all(n_documents: int) -> str:
    """Return the sentence that opens the list of all articles.

    >>> lead_in_all(2), lead_in_all(1)
    ('There are 2 articles', 'There is 1 article')
    """
    if n_documents == 1:
        return "There is 1 article"
    rest = f"; these are the first {N_SHOWN}" if n_documents > N_SHOWN else ""
    return f"There are {n_documents:,} articles{rest}"


def lead_in(topic: str, n_hits: int, n_documents: int) -> str:
    """Return the sentence that opens the list.

    >>> lead_in("drones", 30, 1200)
    '30 of the 1,200 articles mention “drones”; these are the first 20'
    """
    rest = f"; these are the first {N_SHOWN}" if n_hits > N_SHOWN else ""
    return f"{count_mentions(topic, n_hits, n_documents)}{rest}"


def count_mentions(topic: str, n_hits: int, n_documents: int) -> str:
    """Return how many articles mention the topic, as a sentence without a stop.

    >>> count_mentions("drones", 1, 2)
    '1 of the 2 articles mentions “drones”'
    """
    verb = "mentions" if n_hits == 1 else "mention"
    return f"{n_hits:,} of the {n_documents:,} articles {verb} “{topic}”"


def state_mention(topic: str, hit: Hit) -> Statement:
    """Return the sentence of a hit that holds most words of the topic, under its article's title.

    Where only a heading names the topic, it is that heading; where only the title does, the first
    sentence below.
    """
    terms = content_terms(topic)

    def held(quoted: Sentence | Heading) -> int:
        return sum(find_held(terms, quoted.text))

    sentences = find_hit_sentences(hit)
    passage = hit.passage
    if not sentences:  # a heading alone
        return Statement(
            plain_text(passage.text) or passage.doc_id,
            (Support(passage, passage.start, passage.end),),
        )
    best: Sentence | Heading = max(sentences, key=held)  # the first of several
    if not held(best):
        best = max((best, *find_headings(passage)), key=held)
    title = passage.title or passage.doc_id
    words = plain_text(best.text)
    support = Support(passage, best.start, best.end)
    return Statement(title if words == title else f"{title}: {words}", (support,))
