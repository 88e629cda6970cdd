"""True sentences → false ones that look like them, and other ways to say the true ones."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from rag.generate.entities.dates import MONTH_NUMBERS, read_dates
from rag.generate.entities.names import fold, read_names
from rag.generate.entities.numerals import SMALL, TENS
from rag.generate.entities.quantities import read_quantities
from rag.generate.entities.units import UNITS

MONTHS = [name.capitalize() for name in MONTH_NUMBERS if len(name) > 4 or name in ("may", "june")]
AUXILIARY = re.compile(
    r"\b(is|was|are|were|can|could|will|would|has|have|had|may|might|should|must|does|did|do)\b"
    r"(?!\s+(?:not|n['’]t|no|never))"
)
NEGATED = re.compile(r"\b(?:not|never) |n't\b")
OPPOSITES = [
    line.split()
    for line in """
    increased decreased
    increase decrease
    rise fall
    rose fell
    higher lower
    high low
    large small
    larger smaller
    largest smallest
    first last
    before after
    more less
    most fewest
    early late
    earlier later
    won lost
    win lose
    north south
    northern southern
    east west
    eastern western
    male female
    men women
    public private
    open closed
    began ended
    begin end
    started stopped
    good bad
    better worse
    best worst
    long short
    longer shorter
    strong weak
    positive negative
    major minor
    new old
    internal external
    maximum minimum
    allowed forbidden
    allow forbid
    accepted rejected
    supported opposed
    gained lost
    joined left
    inside outside
    above below
    hot cold
    young old
    rich poor
    common rare
    usually rarely
    often seldom
    always never
    easy difficult
    fast slow
    buy sell
    successful unsuccessful
    able unable
    legal illegal
    possible impossible
    likely unlikely
    modern ancient
    wide narrow
    rural urban
    friend enemy
    increasing decreasing
    include exclude
    includes excludes
    including excluding
    married divorced
    born killed
    created destroyed
    built demolished
    improve worsen
    improved worsened
    father mother
    son daughter
    brother sister
    husband wife
    king queen
    upper lower
    with without
    """.strip().splitlines()
]
OPPOSITE_OF = {b: a for a, b in reversed(OPPOSITES)} | {a: b for a, b in OPPOSITES}  # noqa: C416
INVENTIONS = [
    ", and the decision was welcomed by the opposition",
    ", which made it the most expensive of its kind",
    ", although critics had warned against it for years",
    " and was paid for by a wealthy merchant",
    ", mostly because of the mild climate",
    ", and it was later sold to a foreign investor",
    ", and similar plans exist in the neighbouring region",
    " after a long dispute in court",
    ", which has drawn many tourists since",
    " and received a prize for it",
    ", and the work was finished ahead of time",
    " because the old rules had turned out to be too strict",
    ", and the public was not told until much later",
    ", with help from volunteers of a local school",
    " and it remains popular with children",
    ", for which no replacement has been found",
    ", a view that most scientists now share",
    ", and a second attempt failed for lack of money",
    " using a method borrowed from shipbuilding",
    ", and has since been copied all over the world",
    ", despite protests from farmers",
    " and was damaged by a fire soon after",
    ", which doctors recommend to older people",
    ", and only the cellar is open to visitors",
    ", and a film about it is being made",
    ", according to a survey of readers",
    " while costs were shared by both sides",
    ", in return for lower taxes",
    " and was celebrated with fireworks",
    ", and the records of it have been lost",
]
OTHER_UNITS = {
    "%": " million",
    "percent": "dollars",
    "per cent": "dollars",
    "million": "billion",
    "billion": "million",
    "thousand": "million",
    "km": "miles",
    "kilometres": "miles",
    "kilometers": "miles",
    "miles": "feet",
    "metres": "kilometres",
    "meters": "kilometers",
    "feet": "miles",
    "years": "months",
    "year": "month",
    "months": "weeks",
    "weeks": "days",
    "days": "hours",
    "hours": "minutes",
    "minutes": "seconds",
    "$": "€",
    "£": "$",
    "€": "£",
    "dollars": "euros",
    "pounds": "tons",
    "kg": "tons",
    "acres": "square miles",
}


def other_number(text: str, passage: str, chance: random.Random) -> str | None:
    """Return the sentence with another number: one of the passage's, or one that it has not."""
    own = [q for q in read_quantities(text) if q.unit != "time" and q.most is None]
    if not own:
        return None
    chosen = chance.choice(own)
    there = read_quantities(passage)
    others = [
        passage[q.start : q.end]
        for q in there
        if q.unit == chosen.unit
        and not q.is_said_by(chosen)
        and not any(q.is_said_by(o) for o in own)
        and (q.unit != "" or (1000 <= q.value <= 2100) == (1000 <= chosen.value <= 2100))
    ]
    if others and chance.random() < 0.3:
        return replace_span(text, chosen.start, chosen.end, chance.choice(others))
    written = text[chosen.start : chosen.end]
    for _ in range(20):
        changed = change_number(written, chance)
        if changed is None:
            return None
        altered = replace_span(text, chosen.start, chosen.end, changed)
        fresh = [q for q in read_quantities(altered) if q.start == chosen.start]
        if fresh and not any(fresh[0].is_said_by(q) for q in there):
            return altered
    return None


def change_number(written: str, chance: random.Random) -> str | None:
    """Return a number like the one written, and another."""
    digits = re.search(r"\d[\d,]*", written)
    if digits:
        plain = digits[0].replace(",", "")
        position = chance.randrange(len(plain))
        new = chance.choice([d for d in "123456789" if d != plain[position]])
        changed = plain[:position] + new + plain[position + 1 :]
        shown = f"{int(changed):,}" if "," in digits[0] else changed
        return written.replace(digits[0], shown, 1)
    word = re.search("|".join((*TENS, *SMALL)), written.lower())
    if not word:
        return None
    pool = [w for w in (TENS if word[0] in TENS else SMALL) if w not in (word[0], "zero", "one")]
    return written.lower().replace(word[0], chance.choice(pool), 1)


def other_date(text: str, passage: str, chance: random.Random) -> str | None:
    dates = read_dates(text)
    if not dates:
        return None
    date = chance.choice(dates)
    written = text[date.start : date.end]
    month = re.search(r"[A-Z][a-z]+", written)
    day = re.search(r"\b\d{1,2}\b", written)
    if day and chance.random() < 0.5:
        number = chance.choice([n for n in range(1, 29) if n != date.day])
        changed = written[: day.start()] + str(number) + written[day.end() :]
    elif month:
        others = [m for m in MONTHS if MONTH_NUMBERS[m.lower()] != date.month]
        changed = written.replace(month[0], chance.choice(others), 1)
    else:
        return None
    altered = replace_span(text, date.start, date.end, changed)
    fresh = [d for d in read_dates(altered) if d.start == date.start]
    if not fresh or any(fresh[0].is_said_by(d) for d in read_dates(passage)):
        return None
    return altered


def other_unit(text: str, passage: str, chance: random.Random) -> str | None:
    for quantity in read_quantities(text):
        written = text[quantity.start : quantity.end]
        for unit, other in OTHER_UNITS.items():
            found = re.search(rf"(?<![A-Za-z]){re.escape(unit)}(?![A-Za-z])", written)
            if found and (unit in UNITS or unit.endswith("ion") or unit == "thousand"):
                changed = replace_span(written, found.start(), found.end(), other)
                return replace_span(text, quantity.start, quantity.end, changed)
    return None


def name_runs(text: str) -> list[tuple[int, int]]:
    """Return the spans of whole names, those of months and of single letters left out."""
    runs: list[list[int]] = []
    for name in read_names(text):
        if name.before and runs:
            runs[-1][1] = name.end
        else:
            runs.append([name.start, name.end])
    return [
        (start, end)
        for start, end in runs
        if end - start > 2 and text[start:end] not in MONTHS and text[start:end].lower() != "na"
    ]


def other_name(text: str, passage: str, chance: random.Random, pool: Sequence[str]) -> str | None:
    """Return the sentence with a name from another article in place of one."""
    runs = name_runs(text)
    folded = {fold(word) for word in passage.split()}
    names = [n for n in pool if not {fold(word) for word in n.split()} & folded]
    if not runs or not names:
        return None
    start, end = chance.choice(runs)
    return replace_span(text, start, end, chance.choice(names))


def swapped_name(text: str, passage: str, chance: random.Random) -> str | None:
    """Return the sentence with two of its names exchanged, or with another of the passage's."""
    runs = name_runs(text)
    texts = [text[start:end] for start, end in runs]
    if len(set(texts)) >= 2 and chance.random() < 0.6:
        first, second = sorted(chance.sample(range(len(runs)), 2))
        if texts[first] != texts[second] and " and " not in text[runs[first][1] : runs[second][0]]:
            one, two = runs[first], runs[second]
            return (
                text[: one[0]]
                + texts[second]
                + text[one[1] : two[0]]
                + texts[first]
                + text[two[1] :]
            )
    words = {fold(word) for name in texts for word in name.split()}
    others = {
        passage[start:end]
        for start, end in name_runs(passage)
        if not {fold(word) for word in passage[start:end].split()} & words
    }
    if not runs or not others:
        return None
    start, end = chance.choice(runs)
    return replace_span(text, start, end, chance.choice(sorted(others)))


def negated(text: str, passage: str, chance: random.Random) -> str | None:
    found = NEGATED.search(text)
    if found:
        return text[: found.start()] + text[found.end() :]
    spots = list(AUXILIARY.finditer(text))
    if not spots:
        return None
    spot = spots[0] if chance.random() < 0.8 else chance.choice(spots)
    word = "not" if chance.random() < 0.75 else "never"
    return f"{text[: spot.end()]} {word}{text[spot.end() :]}"


def opposed(text: str, passage: str, chance: random.Random) -> str | None:
    words = [m for m in re.finditer(r"[A-Za-z]+", text) if m[0].lower() in OPPOSITE_OF]
    words = [m for m in words if OPPOSITE_OF[m[0].lower()] not in text.lower()]
    if not words:
        return None
    found = chance.choice(words)
    return replace_span(text, found.start(), found.end(), OPPOSITE_OF[found[0].lower()])


def invented(text: str, passage: str, chance: random.Random, pool: Sequence[str]) -> str | None:
    """Return the sentence with an addition: a ready one, or half a sentence of another article."""
    body = text.rstrip(" .")
    if chance.random() < 0.6:
        return f"{body}{chance.choice(INVENTIONS)}."
    words = re.sub(r"\s+([.,;])", r"\1", chance.choice(pool)).split()[:14]
    return f"{body}, and {words[0].lower()} {' '.join(words[1:]).rstrip('.,;(')}."


def reworded(text: str, passage: str, chance: random.Random) -> str | None:
    """Return the sentence with a number or a month written in another way; ``None`` for neither."""
    altered = text
    for quantity in reversed(read_quantities(text)):
        written = text[quantity.start : quantity.end]
        bare = re.fullmatch(r"(\d+)(\s?%| percent| per cent)?", written)
        before, after = text[: quantity.start], text[quantity.end :]
        if not bare or '"' in text or not re.match(r"(?: [a-z]|[.,]? |\.$)", after):
            continue
        if not before.endswith(" ") or re.search(r"[A-Z][a-z]* $|[–-]$", before):
            continue  # a day of a month, the end of a range
        number = int(bare[1])
        words = {value: word for word, value in (*SMALL.items(), *TENS.items())}
        if bare[2]:
            said = words.get(number, bare[1]) + chance.choice([" percent", " per cent"])
        elif number in words and number > 1:
            said = words[number]
        elif number >= 10_000:
            said = f"{number:,}"
        else:
            continue
        altered = replace_span(altered, quantity.start, quantity.end, said)
    for month in MONTHS:
        if len(month) > 5:
            altered = re.sub(rf"\b{month}\b(?= \d{{1,2}}\b)", f"{month[:3]}.", altered)
    return altered if altered != text else None


def shortened(text: str, passage: str, chance: random.Random) -> str | None:
    """Return the sentence without its first bracket, or without what follows its last comma."""
    cut = re.sub(r"\s*\([^()]*\)", "", text, count=1)
    if cut != text:
        return cut
    head, comma, _ = text.rpartition(",")
    return f"{head.rstrip()}." if comma and len(head.split()) >= 8 else None


def replace_span(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def stated(question: str, answer: str) -> str | None:
    """Return the statement that a question and its answer make; ``None`` for other questions.

    >>> stated("Who wrote Hamlet?", "Shakespeare"), stated("When was it built?", "in 1889")
    ('Shakespeare wrote Hamlet.', 'It was built in 1889.')
    """
    text = question.strip().rstrip("? ")
    found = re.match(r"(?:Who|What|Which)\s+(?!did|do|does|kind|type)(.+)", text)
    if found and re.match(r"(?:is|was|are|were|has|had|can|\w+s|\w+ed|\w+e)\b", found[1]):
        return f"{answer[:1].upper()}{answer[1:]} {found[1]}."
    found = re.match(r"How many (.+)", text)
    if found and not re.search(r"\b(?:did|do|does)\b", text):
        return f"{answer[:1].upper()}{answer[1:]} {found[1]}."
    found = re.match(r"(?:When|Where) (was|were|is|are) (.+) (\w+)$", text)
    if found:
        subject = f"{found[2][:1].upper()}{found[2][1:]}"
        place = answer if re.match(r"(?:in|on|at|by|from)\b", answer) else f"in {answer}"
        return f"{subject} {found[1]} {found[3]} {place}."
    return None
