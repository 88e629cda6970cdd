"""A question about a version that a heading names → what stands below it, or the heading's date."""

from __future__ import annotations

import re

from rag.generate.entities.dates import read_dates
from rag.generate.evidence import Evidence
from rag.generate.features import Sentence
from rag.generate.headings import find_headings, read_path
from rag.retrieve.kinds import expected_kind
from rag.retrieve.terms import Term, is_content, read_terms, split_context

CONFIDENCE_OF_RELEASE = 0.5  # as much as of an item of a list; no data set asks so
N_OF_RELEASE = 20  # sentences, as many as of a list
# 4.2.1, and 4.2 behind a word for it; no other number with a point is surely a version.
VERSION = re.compile(
    r"(?<![\w.,])v?(\d+(?:\.\d+){2,})(?![\w-]|\.\w)"
    r"|\b(?:version|release|v\.?) ?(\d+(?:\.\d+)+)(?![\w-]|\.\w)",
    re.IGNORECASE,
)
HEADING = re.compile(
    r"\W*((?:version|release|v\.?)? ?)(\d+(?:\.\d+)+)(?![\w-]*[^\W\d]|\.\w)", re.IGNORECASE
)
# What is asked of any version, so that no heading need say it.
OF_ANY = {"version", "releas", "publish", "come", "date"}
OF_CHANGES = {"version", "releas", "chang", "new", "made"}


def find_release(query: str, evidence: Evidence) -> list[Sentence]:
    """Return what stands below the heading of the version that is asked for, or that heading.

    The heading answers where it has a date and the question is when. Else the headings must say
    all that is asked for, unless it is what changed; a name may stand elsewhere in the article.
    The sentences are in order, and empty where it cannot be told so.
    """
    asked = split_context(query)[0]
    versions = [first or second for first, second in VERSION.findall(asked)]
    kind = expected_kind(asked)
    if len(versions) != 1 or kind not in ("when", "what", "which", "other"):
        return []
    known = OF_ANY if kind == "when" else OF_CHANGES
    terms = [t for t in read_terms(asked) if is_content(t) and versions[0] not in t.text]
    wanted = [term for term in terms if term.stem not in known]
    if not terms:  # a version alone asks nothing
        return []
    below = [
        sentence
        for sentence in evidence.sentences
        if any(names_version(name, versions[0]) for name in read_path(sentence.hit.passage))
        and all(_is_said(term, sentence, evidence) for term in wanted)
    ]
    below = sorted(below, key=lambda sentence: (sentence.hit.passage.doc_id, sentence.start))
    if kind != "when":
        return below[:N_OF_RELEASE]
    dated = [
        Sentence(sentence.hit, heading.start, heading.end)
        for sentence in below
        for heading in find_headings(sentence.hit.passage)
        if names_version(heading.text, versions[0]) and list(read_dates(heading.text))
    ]
    return list(dict.fromkeys(dated))


def names_version(heading: str, version: str) -> bool:
    """Return whether a heading is that of a version: it says that, and no more than a date.

    >>> names_version("[3.2.0] - 2024-11-05", "3.2.0"), names_version("3.2 Deposit", "3.2")
    (True, False)
    """
    found = HEADING.match(heading)
    if found is None or found[2] != version:
        return False
    rest = heading[found.end() :]
    return bool(found[1].strip()) or not re.search(r"\w", rest) or bool(list(read_dates(rest)))


def _is_said(term: Term, sentence: Sentence, evidence: Evidence) -> bool:
    """Return whether headings of a sentence have a term, or any passage of its article a name."""
    passage = sentence.hit.passage
    texts = [passage.context]
    if term.is_name:
        others = {s.hit.passage for s in evidence.sentences}
        texts += [f"{p.context}\n{p.text}" for p in others if p.doc_id == passage.doc_id]
    return any(term.stem == other.stem for text in texts for other in read_terms(text))
