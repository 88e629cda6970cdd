"""How close the text of an answer comes to the right answers."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Sequence

ANSWER_MEASURES = ("exact_match", "token_f1", "rouge_l", "contains")
ARTICLES = frozenset({"a", "an", "the"})
MARKER = re.compile(r"\s*\[(\d+)\]")
# 1,000 and 1 000 with a no-break or narrow no-break or thin space or an apostrophe
THOUSANDS = re.compile(r"(?<=\d)[,'’\u00a0\u202f\u2009](?=\d{3}(?!\d))")
PER_CENT = re.compile(r"\s*(?:%|٪|\bper cent\b)")
INSIDE_WORDS = re.compile(r"['’ʼ]|(?<![\d])\.(?=\w)|(?<=\w)\.(?!\d)")
# a number with its decimals; a character of a script without spaces; a word
WORD = re.compile(r"\d+(?:\.\d+)+|[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W_]+")


def measure_answer(text: str, right_answers: Sequence[str]) -> dict[str, float]:
    """Return ``exact_match token_f1 rouge_l contains``, each the best over the right answers.

    The text comes without its ``[n]`` (see `remove_markers`); an empty text has 0 throughout.
    No right answers give no measures.
    """
    if not right_answers:
        return {}
    measures: dict[str, Callable[[str, str], float]] = {
        "exact_match": exact_match,
        "token_f1": token_f1,
        "rouge_l": rouge_l,
        "contains": contains,
    }
    if not text.strip():
        return dict.fromkeys(measures, 0.0)
    return {
        name: max(measure(text, right) for right in right_answers)
        for name, measure in measures.items()
    }


def remove_markers(text: str, numbers: Collection[int]) -> str:
    """Return the text without the markers ``[n]`` of these numbers and the space before them.

    >>> remove_markers("Signed in 1648 [1]. So says [2019].", {1})
    'Signed in 1648. So says [2019].'
    """
    return MARKER.sub(lambda match: "" if int(match[1]) in numbers else match[0], text)


def normalise(text: str) -> str:
    """Return the text in lower case, without punctuation and articles, single-spaced.

    >>> normalise("The U.S. Army's 3.5 %")
    'us armys 35'

    Source: Rajpurkar, Jia and Liang, Know what you don't know: unanswerable questions for SQuAD,
    ACL 2018; the normalisation of the official script.
    """
    without_marks = "".join(ch for ch in text.lower() if ch not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", without_marks).split())


def exact_match(text: str, right: str) -> float:
    """Return 1 where the normalised texts are equal, else 0.

    Source: as for `normalise`.
    """
    return float(normalise(text) == normalise(right))


def token_f1(text: str, right: str) -> float:
    """Return the harmonic mean of precision and recall of the normalised words, as multisets.

    Where either has no words, 1 if neither has, else 0.

    >>> token_f1("in 2030", "by 2030") == 2 * (1 / 2) * (1 / 2) / (1 / 2 + 1 / 2)
    True

    Source: as for `normalise`.
    """
    words, right_words = normalise(text).split(), normalise(right).split()
    if not words or not right_words:
        return float(words == right_words)
    n_shared = (Counter(words) & Counter(right_words)).total()
    return _f1(n_shared / len(words), n_shared / len(right_words))


def rouge_l(text: str, right: str) -> float:
    """Return ROUGE-L: F1 of the longest common subsequence of words, without stemming.

    Words are runs of the letters a–z and digits in lower case, as in the package rouge_score.
    Where either has no words, 0.

    >>> rouge_l("the cat sat", "the cat") == 2 * (2 / 3) * 1 / (2 / 3 + 1)
    True

    Source: Lin, ROUGE: a package for automatic evaluation of summaries, ACL workshop 2004.
    """
    words = re.findall(r"[a-z0-9]+", text.lower())
    right_words = re.findall(r"[a-z0-9]+", right.lower())
    if not words or not right_words:
        return 0.0
    n_common = _common_subsequence_length(words, right_words)
    return _f1(n_common / len(words), n_common / len(right_words))


def contains(text: str, right: str) -> float:
    """Return 1 where the right answer's words stand in the text one after the other, else 0.

    Words are those of `find_words`, so that "3" is not in "30" and "1,000" is in "1000 cars".
    A right answer without words is in no text.

    >>> contains("About 30 % of all new cars.", "30 per cent"), contains("It was 30.", "3")
    (1.0, 0.0)
    """
    words, right_words = find_words(text), find_words(right)
    n = len(right_words)
    return float(n > 0 and any(words[i : i + n] == right_words for i in range(len(words) - n + 1)))


def find_words(text: str) -> list[str]:
    """Return the words of a text in order, in the form in which two texts are compared.

    Lower case and Unicode's compatibility form; ``%`` and "per cent" are "percent"; thousands are
    not separated, decimals stay with their number; apostrophes and the points of abbreviations
    vanish, all other punctuation separates; articles are left out. In Chinese and Japanese every
    character is a word.

    >>> find_words("The U.S. sold 1,250 well-made EVs (3.5%).")
    ['us', 'sold', '1250', 'well', 'made', 'evs', '3.5', 'percent']
    """
    text = THOUSANDS.sub("", text)
    text = unicodedata.normalize("NFKC", text).casefold()
    text = INSIDE_WORDS.sub("", PER_CENT.sub(" percent ", text))
    return [word for word in WORD.findall(text) if word not in ARTICLES]


def _f1(precision: float, recall: float) -> float:
    """Return the harmonic mean, 0 where both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _common_subsequence_length(left: Sequence[str], right: Sequence[str]) -> int:
    """Return the length of the longest common subsequence, by rows of the usual table."""
    lengths = [0] * (len(right) + 1)
    for word in left:
        diagonal = 0
        for column, other in enumerate(right, start=1):
            above = lengths[column]
            lengths[column] = diagonal + 1 if word == other else max(above, lengths[column - 1])
            diagonal = above
    return lengths[-1]
