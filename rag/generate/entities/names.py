"""Text → the names and the quotations in it, and whether another text has them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.index.lexical import find_terms
from rag.ingest.tokens import is_usually_capital
from rag.retrieve.terms import is_content, read_terms

_TITLES = "mr mrs ms dr sir dame lord lady prof rev i ok"
TITLES = frozenset(_TITLES.split())
# Countries whose people are not called by the country's name and an ending.
PEOPLE = {
    "french": "france",
    "frenchman": "france",
    "dutch": "netherlands",
    "british": "britain",
    "spanish": "spain",
    "spaniard": "spain",
    "welsh": "wales",
    "swiss": "switzerland",
    "danish": "denmark",
    "swedish": "sweden",
    "polish": "poland",
    "turkish": "turkey",
    "greek": "greece",
    "irish": "ireland",
    "scottish": "scotland",
    "finnish": "finland",
    "thai": "thailand",
    "filipino": "philippines",
    "afghan": "afghanistan",
    "nigerien": "niger",
}
ABBREVIATIONS = {
    "us": "united states",
    "usa": "united states",
    "uk": "united kingdom",
    "eu": "european union",
    "un": "united nations",
    "uae": "united arab emirates",
    "ev": "electric vehicle",
    "evs": "electric vehicles",
}
_STRANGE = {("nigerian", "niger"), ("nigerians", "niger")}
_ENDINGS = ("ians", "ian", "ese", "ans", "an", "ish", "is", "ns", "n", "i", "y", "a", "s")
_COMMON_ENDINGS = re.compile(r"(?:ing|ed|ly|tions?|ments?|ness|ers?|ors?|ists?|ity|ies|s)$")
_WORD = re.compile(r"[^\W_]+(?:[.'’&][^\W_]+)*\.?")
_OPENS = re.compile(r"(?:^|[.!?:]|[\"“”‘(\[–—])\W*$")
# A stop that ends no sentence: of a title, of an initial behind another name.
_ABBREVIATED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Rev|Gen|Col|Capt|Lt|Sgt|Sen|Gov)"
    r"|(?:^|\b[A-Z][\w'’-]*\.?\s)[A-Z])\.\s*$"
)
_GAP = re.compile(r"[\s-]{1,2}")
N_BEFORE = 40  # characters that tell whether a word opens a sentence
N_BETWEEN = 3  # words that may stand between two words of a name: "Ahsan" (the minister) "Iqbal"
_QUOTED = re.compile(
    r"“([^“”]+)”|\"([^\"]+)\"|``(.+?)''|(?<!\w)‘((?:[^‘’]|’(?=\w))+)’(?!\w)"
    r"|(?<!\w)'((?:[^']|'(?=\w))+)'(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A word written as a name; ``before`` is the word right before it in the same name."""

    text: str
    start: int
    end: int
    before: str = ""


def read_names(text: str) -> list[Name]:
    """Return the words written as names, in order; a sentence's first only if it must be one.

    >>> [name.text for name in read_names("Yesterday the minister Ahsan Iqbal met BYD.")]
    ['Ahsan', 'Iqbal', 'BYD']
    """
    names: list[Name] = []
    for found in _WORD.finditer(text):
        word = re.sub(r"['’]s?$", "", found[0].rstrip("."))
        if not any(character.isupper() for character in word) or fold(word) in TITLES:
            continue
        if opens_sentence(text, found.start()) and not _is_always_name(word):
            continue
        if not is_content(read_terms(word)[0]) and not word.isupper():
            continue
        is_next = bool(names) and _GAP.fullmatch(text, names[-1].end, found.start()) is not None
        names.append(
            Name(word, found.start(), found.start() + len(word), names[-1].text if is_next else "")
        )
    return names


def opens_sentence(text: str, start: int) -> bool:
    """Return whether a word begins a sentence there, so that its capital letter tells nothing."""
    before = text[max(0, start - N_BEFORE) : start]
    return _OPENS.search(before) is not None and _ABBREVIATED.search(before) is None


def _is_always_name(word: str) -> bool:
    """Return whether a word is a name even where any word would have a capital letter."""
    if any(character.isupper() or character.isdigit() for character in word[1:]):
        return True
    is_capital = is_usually_capital(word)
    return not _COMMON_ENDINGS.search(word) if is_capital is None else is_capital


@lru_cache(maxsize=100_000)  # the words of passages come again and again
def fold(word: str) -> str:
    """Return a word as it is compared: in lower case, without accents, stops and possessive.

    >>> fold("U.S."), fold("Zürich’s")
    ('us', 'zurich')
    """
    word = re.sub(r"['’]s?$", "", word.casefold())
    plain = unicodedata.normalize("NFKD", word)
    return "".join(c for c in plain if not unicodedata.combining(c)).replace(".", "")


class NameFinder:
    """The words of a text, ready to be asked for names and quotations."""

    def __init__(self, text: str) -> None:
        words = split_words(text)
        self.words = [fold(word) for word in words]
        self.roots = {root for word in self.words for root in find_roots(word)}
        self.roots |= {a + b for a, b in zip(self.words, self.words[1:], strict=False)}
        self.stems = {stem for word in set(self.words) for stem in find_terms(word)}
        self.lower = {fold(word) for word in words if word.islower()}
        self.places: dict[str, list[int]] = {}
        for place, word in enumerate(self.words):
            self.places.setdefault(word, []).append(place)
        capitals = [(word if word[:1].isupper() else "") for word in words]
        self.initials = "".join(word[:1] or " " for word in capitals).lower()
        self.running = f" {' '.join(self.words)} "

    def has(self, name: Name) -> bool:
        """Return whether the text has the word, also as a country's people or written in full."""
        word = fold(name.text)
        if any(root in self.roots for root in find_roots(word)):
            return True
        stems = find_terms(word)  # two of "O'Neill", who is not O'Brien
        if stems and self.stems.issuperset(stems):
            return True
        if word in ABBREVIATIONS and f" {ABBREVIATIONS[word]} " in self.running:
            return True
        return name.text.isupper() and 3 <= len(word) <= 6 and word in self.initials

    def has_together(self, name: Name) -> bool:
        """Return whether the word stands after the one before it in the name, or near it.

        Words that the text has in small letters, or in another form, are not bound so.
        """
        first, second = fold(name.before), fold(name.text)
        loose = {first, second} & self.lower or not {first, second} <= self.places.keys()
        if not first or loose:
            return True
        return any(
            0 < later - earlier <= N_BETWEEN + 1
            for earlier in self.places[first]
            for later in self.places[second]
        )

    def has_expansion(self, names: Sequence[Name]) -> bool:
        """Return whether the text has the first letters of these words as one word."""
        initials = "".join(fold(name.text)[:1] for name in names)
        return len(initials) > 1 and initials in self.places

    def quotes(self, quotation: str) -> bool:
        """Return whether the text has the words of a quotation, one after the other."""
        words = " ".join(map(fold, split_words(quotation)))
        return f" {words} " in self.running


def split_words(text: str) -> list[str]:
    """Return the words of a text, without an "s" that stands apart as a possessive."""
    return [found[0] for found in _WORD.finditer(text) if found[0] != "s"]


def find_roots(word: str) -> Iterator[str]:
    """Yield what a folded word and those made from it share.

    >>> set(find_roots("pakistani")) & set(find_roots("pakistan")) != set()
    True
    """
    yield word
    if word in PEOPLE:
        yield PEOPLE[word]
    for ending in _ENDINGS:
        root = word.removesuffix(ending)
        if root == word or len(root) < 4 or (word, root) in _STRANGE:
            continue
        yield f"{root}-"
        if ending != "a" or root.endswith("i"):  # China and Chinese, Somalia and Somali, not Paula
            yield root


def read_quotations(text: str) -> list[str]:
    """Return what stands between quotation marks.

    >>> read_quotations("He called it “a game changer” and Khan's 'big step'.")
    ['a game changer', 'big step']
    """
    found = [next(filter(None, match.groups()), "") for match in _QUOTED.finditer(text)]
    return [quotation.strip() for quotation in found if re.search(r"\w", quotation)]
