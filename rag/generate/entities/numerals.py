"""Numbers in words → their value: "two hundred and fifty", "a million and a half", "a third"."""

from __future__ import annotations

import math
import re
import unicodedata

_ONES_WORDS = "one two three four five six seven eight nine"
_SMALL_WORDS = f"""
    zero {_ONES_WORDS} ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen
"""
_TENS_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINAL_WORDS = """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth
"""
SMALL = {word: number for number, word in enumerate(_SMALL_WORDS.split())}
TENS = {word: 10 * number for number, word in enumerate(_TENS_WORDS.split(), start=2)}
SCALES = {
    form: float(scale)  # a text may say "hundred" a thousand times
    for scale, forms in {
        12: "dozen",
        100: "hundred",
        10**3: "thousand k",
        10**5: "lakh lakhs lac lacs",
        10**6: "million mn mln m",
        10**7: "crore crores",
        10**9: "billion bn b",
        10**12: "trillion tn t",
    }.items()
    for form in forms.split()
}
# What "dozens" and the like can stand for, from and up to.
VAGUE = {
    "tens": (20, 200),
    "dozens": (24, 200),
    "hundreds": (200, 2_000),
    "thousands": (2_000, 10**6),
    "lakhs": (2 * 10**5, 10**7),
    "millions": (2 * 10**6, 10**9),
    "crores": (2 * 10**7, 10**9),
    "billions": (2 * 10**9, 10**12),
    "trillions": (2 * 10**12, 10**15),
}
FEW = {"a few": (2, 10), "several": (2, 10), "many": (2, 10), "a couple": (2, 3)}
ORDINALS = {word: number for number, word in enumerate(_ORDINAL_WORDS.split(), start=1)} | {
    f"{word[:-1]}ieth": number for word, number in TENS.items()
}
FRACTIONS = {"half": 2, "quarter": 4, "quarters": 4} | {
    form: number
    for word, number in ORDINALS.items()
    if 3 <= number <= 10
    for form in (word, f"{word}s")
}

VULGAR = "½¼¾⅓⅔"

# Patterns, to be matched with `re.VERBOSE` and in any case of letters.
_BIG = "thousand|million|billion|trillion|lakhs?|crores?"
SCALE = rf"(?:hundred|dozen|{_BIG})"
_TO_99 = rf"""(?:(?:{"|".join(TENS)})\b(?:[\s-](?:{"|".join(_ONES_WORDS.split())})\b)?
    |(?:{"|".join(SMALL)})\b)"""
# "two and five" are two numbers, "two hundred and five" is one.
_HUNDREDS = rf"(?:(?:{_TO_99}[\s-])?(?:dozen|hundred(?:(?:[\s-]and)?[\s-]{_TO_99})?)\b)"
_BIGS = rf"(?:(?:{_BIG})\b(?:[\s-](?:{_BIG})\b)*)"
_MANY = rf"(?:(?:{_HUNDREDS}|{_TO_99})[\s-]{_BIGS})"
_AND = r"(?:(?:(?<=thousand)[\s-]and)?[\s-])"
WORDS = rf"""(?:\b(?:a[\s-](?={SCALE}\b))?(?:
    (?:{_MANY}|{_BIGS})(?:{_AND}{_MANY})*(?:{_AND}{_HUNDREDS}|(?<=thousand){_AND}{_TO_99})?
    |{_HUNDREDS}|{_TO_99}))"""

_PLURAL = "|".join(VAGUE)
_SOME = "|".join(FEW).replace(" ", r"\s+")
VAGUE_WORDS = rf"""(?:\b(?!tens\b(?!\s+of\s+(?:{_PLURAL})\b))
      (?:{_PLURAL})(?:\s+of\s+(?:{_PLURAL}))*\b
    |\b(?:{_SOME})(?:\s+of)?[\s-]{SCALE}\b)"""

_NAMED = "|".join(form for form in FRACTIONS if form != "half" and form[-1] != "s")
_HALF = r"(?:(?:(?:a|one)[\s-])?half)"
_ONE_PART = rf"(?:(?:an?|one)[\s-](?:{_NAMED}))"
_PARTS = "|".join(  # of a whole, so "five quarters" are none; two are of a year
    rf"(?:{'|'.join(list(SMALL)[2:number])})[\s-]{form}"
    for form, number in FRACTIONS.items()
    if form[-1] == "s" and number != 4
)
_PARTS = rf"(?:{_PARTS}|three[\s-](?:quarters|fourths))"
# Behind these, halves and quarters are those of a match or of a year.
_TIMES = "last past next this previous coming final latter opening closing each every"
_NO_TIME = "".join(rf"(?<!\b{word}[\s-])" for word in (*ORDINALS, *_TIMES.split()))
_NO_TIME += "".join(rf"(?<!\d{ending}[\s-])" for ending in ("st", "nd", "rd", "th"))
_OPENS = rf"\b(?=(?:half|an?|{'|'.join(_ONES_WORDS.split())})\b){_NO_TIME}"
PART = rf"(?:{_OPENS}(?:{_HALF}|{_ONE_PART}|{_PARTS})\b)"
# "A third of", "by a third": a share, unlike "a third man" and "half past nine".
_ENDS = r"(?=\s*(?:[.,;:)]|$)|\s+(?:of|in|to|from|over|since|on|and|or|between|after|this|last)\b)"
SHARE = rf"""(?:{_OPENS}(?:
      {_HALF}\b(?!-\w|\s(?:past|time)\b)|(?:{_PARTS}|one-(?:{_NAMED}))\b
      |{_ONE_PART}\b(?=\s+of\b)|(?<=\bby\s){_ONE_PART}\b{_ENDS})
    |(?<![\w/.])[1-9]/(?:[2-9]|10)(?=\s+of\b))"""
AND_PART = rf"""(?:[\s-]and[\s-](?:(?:a|one)[\s-](?:half|third|quarter)|three[\s-]quarters)\b
      (?!\s+of\b)
    |\s(?:1/2|[12]/3|[13]/4)(?![\w/])|\s?[{VULGAR}])"""


def read_words(words: str) -> float:
    """Return the number that words say.

    >>> read_words("two hundred and fifty thousand"), read_words("a thousand million")
    (250000.0, 1000000000.0)
    """
    total = part = 0.0
    for word in re.split(r"[\s-]+", words.lower()):
        scale = SCALES.get(word, 0)
        if 0 < scale <= 100:
            part = max(part, 1) * scale
        elif scale:
            # "two lakh crore" has no number of its own before the second.
            total = total + part * scale if part or not total else total * scale
            total, part = max(total, scale), 0
        else:
            part += SMALL.get(word, TENS.get(word, 0))
    return total + part


def read_part(words: str) -> float:
    """Return the fraction that words, figures or one sign say.

    >>> read_part("three-quarters"), read_part("half a"), read_part("2/3 of"), read_part("½")
    (0.75, 0.5, 0.6666666666666666, 0.5)
    """
    if found := re.search(rf"[{VULGAR}]", words):
        return unicodedata.numeric(found[0])
    if found := re.search(r"(\d+)/(\d+)", words):
        return int(found[1]) / int(found[2])
    count = part = 1
    for word in re.findall("[a-z]+", words.lower()):
        if word in FRACTIONS:
            part = FRACTIONS[word]
        else:
            count *= SMALL.get(word, 1)
    return count / part


def read_vague(words: str) -> tuple[float, float]:
    """Return from where and up to where "dozens" and "several hundred" may go.

    >>> read_vague("tens of thousands"), read_vague("a few hundred")
    ((20000.0, 200000.0), (200.0, 1000.0))
    """
    words = " ".join(words.lower().replace("-", " ").split())
    few = next((few for few in FEW if words.startswith(few)), "")
    first, *others = words.removeprefix(few).replace(" of ", " ").split()
    least, most = FEW[few] if few else VAGUE[first]
    scales = [first, *others] if few else others
    scale = math.prod(SCALES[word if word in SCALES else word[:-1]] for word in scales)
    return float(least * scale), float(most * scale)
