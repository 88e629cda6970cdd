import numpy as np
import pytest

from rag.generate.continuing import CONTINUING, add_continuing
from rag.generate.evidence import find_hit_sentences, gather_evidence
from rag.generate.features import FEATURES
from rag.records import Hit, Passage
from tests.fakes import WordEncoder

SAID = "The tram runs at night. [1]"


def hit(text: str, rank: int, doc_id: str, start: int = 0) -> Hit:
    return Hit(Passage(f"{doc_id}{start}", doc_id, start, start + len(text), "", text), 1.0, rank)


def read(hits: list[Hit], said: str) -> list[tuple[float, float]]:
    """Whether each sentence stands from what was said on, and in an article spoken of."""
    sentences = [sentence for one in hits for sentence in find_hit_sentences(one)]
    features = np.zeros((len(sentences), len(FEATURES)))
    add_continuing(features, sentences, said)
    columns = [FEATURES.index(name) for name in CONTINUING]
    assert not np.delete(features, columns, axis=1).any()
    return [(float(onward), float(article)) for onward, article in features[:, columns]]


def test_what_was_said_and_what_follows_count_and_what_stands_before_does_not() -> None:
    text = "It is old. The tram runs at night. It costs ten. It is red."
    assert read([hit(text, 1, "a.md")], SAID) == [(0, 1), (1, 1), (1, 1), (1, 1)]


def test_it_may_stand_in_another_passage_of_the_article_but_not_in_another_article() -> None:
    hits = [
        hit("It costs ten.", 1, "b.md", start=500),
        hit("It costs two.", 2, "a.md", start=500),
        hit("The tram runs at night.", 3, "a.md", start=100),
        hit("Trams are old.", 4, "a.md"),
    ]
    assert read(hits, SAID) == [(0, 0), (1, 1), (1, 1), (0, 1)]


@pytest.mark.parametrize("said", ["", "It goes all night, one reads. [1]"])
def test_nothing_counts_where_nothing_of_the_answer_stands_there(said: str) -> None:
    assert read([hit("The tram runs at night. It costs ten.", 1, "a.md")], said) == [(0, 0)] * 2


def test_evidence_has_both_where_an_answer_is_followed_up_on() -> None:
    found = [hit("The tram runs at night. It costs ten.", 1, "a.md")]
    encoder = WordEncoder(dimension=4096)
    columns = [FEATURES.index(name) for name in CONTINUING]
    after = gather_evidence("And how much? (tram night)", found, encoder, said=SAID)
    assert after.features[:, columns][:, 1].tolist() == [1, 1]
    alone = gather_evidence("And how much? (tram night)", found, encoder)
    assert not alone.features[:, columns].any()
