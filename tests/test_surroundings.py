import pytest

from rag.generate.check.alignment import FEATURES, align
from rag.generate.check.claims import Claim, PassageLines, embed_passages
from rag.generate.check.surroundings import compare_numbers
from rag.ingest.split import make_passage
from rag.records import Document
from tests.fakes import WordEncoder

ENCODER = WordEncoder()
TEXT = "In Lahore 250 firms opened. Several banks came to Lahore."
CLAIM = Claim.of("Of 31 banks 31 came to Lahore.", ENCODER)


def test_a_number_among_the_same_words_is_in_place() -> None:
    def share(claim: str) -> float:
        passage = make_passage(Document("a", "", TEXT), 0, len(TEXT))
        read = PassageLines.of(passage)
        (vectors,) = embed_passages([(passage, read)], ENCODER)
        return compare_numbers(Claim.of(claim, ENCODER), read, vectors)[1]

    assert share("250 firms opened.") == 1
    assert share("250 banks came.") == 0


@pytest.mark.parametrize("title", ["31 firms", "A report of 31 firms", "A" * 30 + " of 31 firms"])
def test_a_number_of_the_title_stands_nowhere_in_the_passage(title: str) -> None:
    passage = make_passage(Document("a", title, TEXT), 0, len(TEXT))
    read = PassageLines.of(passage)
    (vectors,) = embed_passages([(passage, read)], ENCODER)
    assert compare_numbers(CLAIM, read, vectors) == (1.0, 1.0)
    features = dict(zip(FEATURES, align(CLAIM, read, vectors).features, strict=True))
    assert features["numbers elsewhere"] == 1.0
