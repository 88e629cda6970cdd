import pytest

from rag.generate.check.facts import Facts, Source, find_missing

TEXT = (
    "Ahsan Iqbal, the minister for planning, spoke in Beijing on 4 September. More than 250 firms "
    "came from Pakistan. The goal is 30% by 2030. He called it “a game changer” for EVs. The $5 "
    "million plan began in the 1990s, on May 3, 1995."
)
SOURCE = Source.of(TEXT, "The 2025 conference > Khan")


@pytest.mark.parametrize(
    "sentence",
    [
        "Iqbal spoke on Sept. 4.",
        "Iqbal spoke on 4 September 2025.",
        "Iqbal spoke in September.",
        "The Pakistani firms are two hundred and fifty.",
        "Thirty percent is the goal for 2030.",
        "He spoke of “a game changer”.",
        "It began in the 1990s.",
        "It began in 1995.",
        "The plan has 5,000,000 dollars.",
        "Khan came to the conference.",
        "Minister Ahsan Iqbal came.",
        "The first speaker came second.",
        "It began on 3/5/1995.",
        "The plan has USD5 million.",
        "The plan has 5 million US dollars.",
        "It says nothing.",
    ],
)
def test_what_stands_in_the_passage_in_whatever_form_is_not_missing(sentence: str) -> None:
    assert list(find_missing(sentence, SOURCE)) == []


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Iqbal spoke on Sept. 5.", 'the passage has no "Sept. 5"'),
        ("Iqbal spoke on 4 September 2024.", 'the passage has no "4 September 2024"'),
        ("The goal is 20 % by 2030.", 'the passage has no "20 %"'),
        ("The goal is 30 by 2030.", 'the passage has no "30"'),
        ("Fewer than 250 firms came.", 'the passage has no "250"'),
        ("It began in the 1980s.", 'the passage has no "1980s"'),
        ("The plan has €5 million.", 'the passage has no "€5 million"'),
        ("The goal is 30% by mid-2035.", 'the passage has no "2035"'),
        ("It began on 4/5/1995.", 'the passage has no "4/5/1995"'),
        ("There Ahsan Malik spoke.", 'the passage does not name "Malik"'),
        ("There Ahsan Khan spoke.", 'the passage does not name "Ahsan Khan"'),
        ("He called it “a big step”.", 'the passage does not have the words "a big step"'),
    ],
)
def test_what_does_not_stand_there_is_named(sentence: str, reason: str) -> None:
    assert list(find_missing(sentence, SOURCE)) == [reason]


def test_everything_that_is_missing_is_named_dates_first() -> None:
    found = list(find_missing("On 5 May Khan met Malik and 12 others.", SOURCE))
    assert found == [
        'the passage has no "5 May"',
        'the passage has no "12"',
        'the passage does not name "Malik"',
    ]


def test_the_numbers_of_a_date_are_not_numbers_too() -> None:
    facts = Facts.of("On 4 September 2025 he bought 3.")
    assert [quantity.value for quantity in facts.quantities] == [3]
    assert [date.day for date in facts.dates] == [4]


def test_facts_of_the_title_are_said_but_have_no_place_in_the_passage() -> None:
    source = Source.of("Several banks came.", "Report of 250 firms, 4 May 2025")
    assert list(find_missing("250 banks came in 2025 and on 4 May.", source)) == []
    assert source.facts == Facts.of("Several banks came.")


def test_a_passage_says_all_that_its_own_sentences_say() -> None:
    for sentence in TEXT.split(". "):
        assert list(find_missing(sentence, SOURCE)) == []
