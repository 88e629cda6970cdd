from rag.generate.antecedents import add_antecedents
from rag.generate.features import Sentence
from rag.ingest.sentences import find_sentences
from rag.records import Hit, Passage


def hit(text: str, rank: int = 1) -> Hit:
    return Hit(Passage(f"id{rank}", f"{rank}.md", 0, len(text), "", text), 1 / rank, rank)


def test_no_sentence_is_brought_from_another_passage() -> None:
    sentences = [Sentence(hit("Khan came.", 1), 0, 10), Sentence(hit("He sang.", 2), 0, 8)]
    assert add_antecedents([1], sentences) == {1}
    assert add_antecedents([0], sentences) == {0}
    one = hit("He sang. It rang.")
    assert add_antecedents([1], [Sentence(one, 0, 8), Sentence(one, 9, 17)]) == {0, 1}
    assert add_antecedents([0], [Sentence(one, 0, 8), Sentence(one, 9, 17)]) == {0}


def sentences_of(text: str) -> list[Sentence]:
    held = hit(text)
    return [Sentence(held, start, end) for start, end in find_sentences(text)]


def test_pronouns_are_followed_back_to_the_sentence_that_names_the_thing() -> None:
    sentences = sentences_of("The tower is tall. It opened in 1996. It cost a lot. It is red.")
    assert add_antecedents([2], sentences) == {0, 1, 2}
    sentences = sentences_of("A tower. It is tall. It is old. It is red. It is shut. It is sold.")
    assert add_antecedents([5], sentences) == {2, 3, 4, 5}  # not the whole passage


def test_an_item_of_a_list_brings_the_line_that_gives_it_its_sense() -> None:
    text = "It works.\n\nDo **not** take it if you:\n\n- are allergic\n- have a fever. Any.\n\nAsk."
    sentences = sentences_of(text)
    lead_in, last = 1, len(sentences) - 1
    assert sentences[lead_in].text == "Do **not** take it if you:"
    for number in range(lead_in + 1, last):
        assert add_antecedents([number], sentences) == {lead_in, number}
    assert add_antecedents([last], sentences) == {last}
    plain = sentences_of("It works.\n\n- It is red\n- blue")
    assert add_antecedents([2], plain) == {2}
