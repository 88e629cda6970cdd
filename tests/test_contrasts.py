import re

import pytest

from rag.generate.words.contrasts import cut_parts, find_alike
from rag.generate.words.marks import mark_answer

LUNCH = "Lunch costs €5.50 for employees and €9 for guests."
CARD = "The card opens 39 doors and costs €27 for 24 hours, €44 for 48 hours and €54 for 72 hours."
HUT = "A night costs 4,500 krónur for adults and 2,000 krónur for children under 16."
BIKES = "City bikes cost €12 a day, e-bikes €29 a day and cargo bikes €45 a day."
BLOCK = "We block €100 on your credit card for city bikes and €300 for e-bikes."
HUTS = "The Lower Hut sleeps 12 people and has a stove; the Upper Hut sleeps 6 and has no stove."
BASKET = "Fill the single basket with 7 g of ground coffee, or the double basket with 14 g."
TICKET = "A ticket bought on board costs €3.10; with a travel card the trip costs €1.80."
BURNOUT = "Burnout fell by 7.9 points in the trained group and by 1.3 points in the control group."
SALES = "It sold 3,468 boats in its northern ports, 5,984 boats in its southern ports."


def marks_of(sentence: str, question: str, read: str = "") -> list[str]:
    return re.findall(r"\*\*(.+?)\*\*", mark_answer(sentence, question, read))


@pytest.mark.parametrize(
    ("sentence", "question", "read", "marked"),
    [
        (LUNCH, "How much does lunch cost for guests?", "€5.50", "€9"),
        (CARD, "How much does the card cost for 48 hours?", "€27", "€44"),
        (CARD, "What does the card for 72 hours cost?", "€27", "€54"),
        (HUT, "How much is a night for children?", "4,500 krónur", "2,000 krónur"),
        (BIKES, "How much does an e-bike cost?", "€12", "€29"),
        (BIKES, "How much does a cargo bike cost a day?", "€12", "€45"),
        (TICKET, "How much is a ticket with a travel card?", "€3.10", "€1.80"),
        (BURNOUT, "By how much did burnout fall in the control group?", "7.9 points", "1.3 points"),
        (SALES, "How many boats were sold in southern ports?", "3,468", "5,984"),
        # what is counted, and what stands before the same word, is said of the others too
        (HUTS, "How many people sleep in the Upper Hut?", "12", "6"),
        (BASKET, "How much coffee does the double basket take?", "7 g of ground coffee", "14 g"),
        (BLOCK, "How much is blocked on the credit card for e-bikes?", "€100", "€300"),
        # by patterns
        (LUNCH, "How much does lunch cost for guests?", "", "€9"),
        ("It runs 12 schools and 113 colleges on site.", "How many colleges?", "", "113"),
    ],
)
def test_of_contrasted_values_the_one_beside_the_question_s_own_words_is_marked(
    sentence: str, question: str, read: str, marked: str
) -> None:
    assert marks_of(sentence, question, read) == [marked]


@pytest.mark.parametrize(
    ("sentence", "question", "read"),
    [
        (LUNCH, "How much does lunch cost for employees?", "€5.50"),  # its own part says it
        (LUNCH, "How much does lunch cost?", "€5.50"),  # none does
        (LUNCH, "How much does lunch cost for employees and guests?", "€5.50"),  # both do
        (BIKES, "How much do e-bikes and cargo bikes cost?", "€12"),  # two others do
        ("It has 3 halls, 70 seats and 20 windows.", "How many halls with windows?", "3"),
        ("Article 7 and paragraph 4 of the law say so.", "Which article of the law?", "7"),
        ("It rose to 3,000 in spring.", "How much was it in spring?", "3,000"),
    ],
)
def test_else_what_was_found_is_marked(sentence: str, question: str, read: str) -> None:
    assert marks_of(sentence, question, read) == [read]


@pytest.mark.parametrize(
    ("question", "marked"),
    [
        ("Where was the effect largest?", "Vienna"),
        ("Where was the effect smallest?", "Athens"),
        ("What was it like?", "Vienna and smallest in Athens"),
    ],
)
def test_of_two_places_that_were_read_together_the_one_asked_for_is_marked(
    question: str, marked: str
) -> None:
    sentence = "The effect was largest in Vienna and smallest in Athens, where trees lacked water."
    assert marks_of(sentence, question, "Vienna and smallest in Athens") == [marked]


def test_values_in_brackets_and_those_of_the_question_are_not_alike() -> None:
    sentence = "It is 90 km (56 miles) by road and 70 km by rail, or 60 km on foot."
    found = find_alike(sentence, "What is 60 km?", (6, 11), is_read=True)
    assert [sentence[slice(*span)] for span in found] == ["90 km", "70 km"]


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        (
            "1,500 cars, which are new, and 20 buses",
            ["1,500 cars", ", which are new, and 20 buses"],
        ),
        ("5 trams; 6 buses, and 7 boats", ["5 trams", "; 6 buses", ", and 7 boats"]),
        ("5 big 6 small", ["5 big 6 small"]),
        ("5 trams and 6 buses, they say", ["5 trams ", "and 6 buses"]),
    ],
)
def test_parts_are_cut_at_the_strongest_place(sentence: str, parts: list[str]) -> None:
    numbers = [found.span() for found in re.finditer(r"[\d,]*\d", sentence)]
    assert [sentence[slice(*part)] for part in cut_parts(sentence, numbers)] == parts
