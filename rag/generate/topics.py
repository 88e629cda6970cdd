"""A question that asks for all about a subject → the sentences that speak of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.generate.citations import plain_text
from rag.generate.cues import DANGLING
from rag.generate.descriptions import N_QUESTION, find_descriptions
from rag.generate.features import Sentence
from rag.retrieve.terms import is_content, read_stems, read_terms, split_context

CONFIDENCE_OF_TOPIC = 0.93  # of 83 of benchmarks/written/topics.jsonl, 77 were right
N_OF_TOPIC = 3  # sentences

_ARTICLES = r"(?:the |these |your |my |our )?(?:articles?|documents?|texts?|sources?|files?|corpus)"
_TELL = (
    r"(?:tell(?: me| us)?|inform me|talk|speak|hear|say something"
    r"|share (?:some |any )?(?:information|details)"
    r"|give(?: me| us)? (?:some |any |more |all |an? |the )?(?:brief |short |quick |general )?"
    r"(?:information|info|details|facts|overview|summary|idea|background))"
)
_ABOUT = r"(?:more |something |anything |everything |all )?(?:about|on|of|regarding|concerning)"
_SAY = r"(?: (?:say|know|tell(?: me| us)?|write|report|mention|have|said|written|reported|to say))"
_WHAT = (
    r"what (?:else )?(?:do|does|did|can|could|is|are|has|have|was)"
    rf" (?:(?:{_ARTICLES}|you|we|it|they){_SAY}+|(?:there|said|known|written|reported){_SAY}*)"
)
_SUM_UP = r"(?:summari[sz]e|sum up|recap|(?:overview|summary) of)"
_REPORT = r"(?:article|text|document|report|story|piece)"
# Those of an article first.
FORMS = tuple(
    (
        is_of_article,
        re.compile(
            r"\W*(?:(?:and|so|but|ok|okay|hi|hello|please|well)\W+)*"
            r"(?:(?:can|could|would|will) you (?:please )?|i(?:['’]d| would) (?:like|love) (?:to )?"
            r"|i want (?:to )?|i need |please )?" + form + r"(?:\W+please)?\W*",
            re.IGNORECASE,
        ),
    )
    for is_of_article, form in (
        (
            True,
            rf"what(?:['’]s| is| was) (?:the |this |that )?{_REPORT} (?:about|on|with|of)"
            r" (?P<topic>.+?) (?:all )?about",
        ),
        (
            True,
            rf"{_SUM_UP} (?:(?:the|this|that) {_REPORT} (?:about|on|with|of) )?(?P<topic>.+?)"
            rf"(?: {_REPORT})?",
        ),
        (False, rf"{_WHAT} {_ABOUT} (?P<topic>.+?)"),
        (False, rf"{_TELL} {_ABOUT} (?P<topic>.+?)"),
        (False, rf"(?:know|learn|read|find out|hear) {_ABOUT} (?P<topic>.+?)"),
        (
            False,
            r"(?:(?:is|are) there |do you (?:have|know) |have you got )?(?:anything|something"
            r"|(?:any |some )?(?:information|info|news|details))"
            rf" {_ABOUT} (?P<topic>.+?)",
        ),
        (
            False,
            r"what(?:['’]s| is| are) (?:the |there )?(?:story|news|latest|deal|matter|facts"
            r"|background) (?:with|on|about|of|behind) (?P<topic>.+?)",
        ),
        (
            False,
            r"what(?:['’]s| is) (?:going on|happening|new|up) (?:with|in|at|about|on)"
            r" (?P<topic>.+?)",
        ),
        (False, r"(?:describe|outline) (?P<topic>.+?)"),
    )
)
_CLAUSE = re.compile(r"\b(?:who|what|which|when|where|why|how|whether|if|that)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject that is asked all about; ``is_of_article`` where an article is to be summed up."""

    text: str
    is_of_article: bool = False


def find_topic(question: str) -> Topic | None:
    """Return the subject that a question asks all about; ``None`` for any other question.

    >>> find_topic("What do the articles say about drones?")
    Topic(text='drones', is_of_article=False)
    >>> find_topic("Summarize the article about the strike.")
    Topic(text='the strike', is_of_article=True)
    >>> find_topic("What did the minister say about drones?"), find_topic("Tell me about it.")
    (None, None)
    """
    if len(question) > N_QUESTION:
        return None
    for is_of_article, form in FORMS:
        found = form.fullmatch(question)
        if found is not None:
            text = found["topic"].strip(" .?!,;:\"'“”‘’")
            if _CLAUSE.search(text) or not any(map(is_content, read_terms(text))):
                return None
            return Topic(text, is_of_article)
    return None


def tell_about(query: str, sentences: Sequence[Sentence]) -> dict[Sentence, str]:
    """Return three sentences at most that speak of the subject that a query asks all about.

    Preferred are those that say what it is, with the words for that; next those that name all of
    it; next, in the same article, those with the last word of its name, and those right behind.
    Where none names it, those under a title or headings that do; and of an article that is to be
    summed up, the first. They are as they stand, the article of the best hit first. Empty where the
    query asks another question, or none speaks of the whole subject.
    """
    topic = find_topic(split_context(query)[0])
    if topic is None:
        return {}
    terms = [term for term in read_terms(topic.text) if is_content(term)]
    wanted = {term.stem for term in terms}
    ordered = _in_order(sentences)
    stems = {sentence: read_stems(plain_text(sentence.text)) for sentence in ordered}
    if topic.is_of_article:
        return dict.fromkeys(_open_article(ordered, stems, wanted), "")
    told = find_descriptions(f"What is {topic.text}?", sentences)
    plain = [sentence for sentence in ordered if not DANGLING.match(sentence.text)]
    named = [sentence for sentence in plain if wanted <= stems[sentence]]
    articles = {sentence.hit.passage.doc_id for sentence in [*told, *named]}
    near = [sentence for sentence in ordered if sentence.hit.passage.doc_id in articles]
    is_name = all(term.text[0].isupper() for term in terms)
    by_last = [s for s in near if is_name and s in plain and terms[-1].stem in stems[s]]
    behind = [
        following
        for sentence, following in pairwise(near)
        if sentence in named and following.hit == sentence.hit
    ]
    below = [
        sentence
        for sentence in plain
        if not named and wanted <= stems[sentence] | read_stems(sentence.hit.passage.context)
    ]
    for sentence in (*named, *by_last, *behind, *below):
        if len(told) < N_OF_TOPIC:
            told.setdefault(sentence, "")
    return {s: told[s] for s in ordered if s in told}


def _open_article(
    ordered: Sequence[Sentence], stems: Mapping[Sentence, set[str]], wanted: set[str]
) -> list[Sentence]:
    """Return the first sentences of the first article that has all words of a subject."""
    for doc_id in dict.fromkeys(sentence.hit.passage.doc_id for sentence in ordered):
        own = [sentence for sentence in ordered if sentence.hit.passage.doc_id == doc_id]
        known = set().union(*(stems[s] | read_stems(s.hit.passage.context) for s in own))
        if wanted <= known:
            return own[:N_OF_TOPIC]
    return []


def _in_order(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return sentences as they stand in their articles, the article of the best hit first."""
    articles = list(dict.fromkeys(sentence.hit.passage.doc_id for sentence in sentences))
    return sorted(sentences, key=lambda s: (articles.index(s.hit.passage.doc_id), s.start))
