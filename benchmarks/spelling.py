"""Errors of typing put into questions: which words are mended, and what becomes of the answers.

    python benchmarks/spelling.py DATA/squad2/tune.json

Set-up. Each article of SQuAD 2.0 is indexed by itself, a file for each paragraph. In questions that
their paragraph answers, one content word of five letters or more that the article has gets an
error: a letter more, less, other, or exchanged with the next, but for the first. Each is answered
as it should have been typed, as it was typed (given as the query, which is not mended), and mended,
by the reader that ships, which was trained on this set: what counts is the difference.
And each question of the set is read as it is: what is changed is printed, to be judged by eye.
Seed 0; four minutes on 2 cores.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from string import ascii_lowercase

from data_sets import Reading, read_squad2
from measuring import SEED, describe_machine, show

from rag.chatbot import Chatbot
from rag.index.compiler import load_encoder
from rag.index.lexical import find_terms
from rag.read.compiler import load_reader
from rag.records import Answer, Encoder
from rag.retrieve.spelling import LETTERS, has_word, mend
from rag.retrieve.terms import is_content, read_terms

N_ANSWERED = 20  # questions of an article
SHORTEST = 5  # letters of a word that gets an error


def misspell(word: str, chance: random.Random) -> str:
    """Return the word with an error behind its first letter."""
    i = chance.randrange(1, len(word) - 1)
    letter = chance.choice(ascii_lowercase)
    return chance.choice(
        [
            word[:i] + word[i + 1 :],
            word[:i] + letter + word[i:],
            word[:i] + letter + word[i + 1 :],
            word[:i] + word[i + 1] + word[i] + word[i + 2 :],
        ]
    )


def put_error(question: str, bot: Chatbot, chance: random.Random) -> str:
    """Return the question with an error in one word; as it is if none can have one."""
    words = [
        term
        for term in read_terms(question)
        if LETTERS.fullmatch(term.text) and len(term.text) >= SHORTEST and is_content(term)
    ]
    counts = bot.index.document_frequency([term.text for term in words])
    words = [term for term in words if counts[term.text]]
    if not words:
        return question
    word = chance.choice(words)
    typed = misspell(word.text, chance)
    if find_terms(typed) == find_terms(word.text):
        return question
    return question[: word.start] + typed + question[word.end :]


def is_right(answer: Answer, reading: Reading) -> bool:
    text = answer.text.replace("**", "")
    return not answer.abstained and any(gold in text for gold in reading.answers)


def open_article(readings: Sequence[Reading], folder: Path, encoder: Encoder) -> Chatbot:
    corpus = folder / readings[0].article / "corpus"
    corpus.mkdir(parents=True)
    for number, text in enumerate(dict.fromkeys(reading.text for reading in readings)):
        (corpus / f"{number}.md").write_text(f"# {readings[0].title}\n\n{text}", encoding="utf-8")
    reader, _ = load_reader(cache=folder / "reader")
    return Chatbot.from_corpus(corpus, encoder=encoder, reader=reader)


def answer_in_ways(bot: Chatbot, reading: Reading, typed: str) -> dict[str, float]:
    """Return whether the answers are right, and refused, to the question with and without error."""
    answers = {
        "right": bot.ask(reading.question),
        "as typed": bot.ask(typed, query=typed),
        "mended": bot.ask(typed),
    }
    rightly = {f"answered rightly, {way}": is_right(a, reading) for way, a in answers.items()}
    return rightly | {f"refused, {way}": answer.abstained for way, answer in answers.items()}


def measure_article(
    readings: Sequence[Reading], bot: Chatbot, chance: random.Random
) -> Iterator[tuple[str, float]]:
    """Yield each figure's name with a value of it; print which words are changed as they are."""
    asked = []
    knows = partial(has_word, bot.encoder)
    for reading in readings:
        mended = mend(reading.question, bot.index, knows)
        yield "questions changed as they are", bool(mended.words)
        for pair in mended.words:
            print(*pair, sep=" -> ")
        if reading.is_answerable and not mended.words:
            asked.append(reading)
    for number, reading in enumerate(chance.sample(asked, len(asked))):
        typed = put_error(reading.question, bot, chance)
        if typed == reading.question:
            continue
        meant = mend(typed, bot.index, knows).question
        is_same = find_terms(meant) == find_terms(reading.question)
        yield "words mended", is_same
        yield "words read as another", meant != typed and not is_same
        if number < N_ANSWERED:
            yield from answer_in_ways(bot, reading, typed).items()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    articles: dict[str, list[Reading]] = defaultdict(list)
    for reading in read_squad2(parser.parse_args().data):
        articles[reading.article].append(reading)
    chance = random.Random(SEED)
    figures: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        encoder, _ = load_encoder(cache=Path(name) / "encoder")
        for readings in articles.values():
            bot = open_article(readings, Path(name), encoder)
            for figure, value in measure_article(readings, bot, chance):
                figures[figure].append(value)
    print(describe_machine())
    for figure, values in figures.items():
        print(f"{figure:30} {show(values)}, {sum(values):.0f} in all")


if __name__ == "__main__":
    main()
