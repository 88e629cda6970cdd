import pytest

from rag.generate.entities.names import (
    Name,
    NameFinder,
    find_roots,
    fold,
    read_names,
    read_quotations,
)


def names(text: str) -> list[str]:
    return [name.text for name in read_names(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yesterday the minister Ahsan Iqbal met BYD.", ["Ahsan", "Iqbal", "BYD"]),
        ("China leads.", ["China"]),
        ("Officials met. However, they left.", []),
        ("Huaguan makes drones.", ["Huaguan"]),
        ("He met Dr. Khan and Mrs Sharif.", ["Khan", "Sharif"]),
        ("They hired Dr. Stone.", ["Stone"]),
        ("They hired George W. Wood.", ["George", "W", "Wood"]),
        ("They took vitamin C. Stones fell.", ["C"]),
        ("They came to Main St. Officials left.", ["Main", "St"]),
        ("It is Pakistan's plan.", ["Pakistan"]),
        ("The U.S. and the EU agreed.", ["U.S", "EU"]),
        ("He said: “Drones are sold.”", []),
        ("", []),
    ],
)
def test_names_are_found_and_the_first_word_only_if_it_is_always_one(
    text: str, expected: list[str]
) -> None:
    assert names(text) == expected


def test_a_name_knows_the_word_before_it_in_the_same_name() -> None:
    found = read_names("There Haroon Akhtar Khan met Huaguan.")
    assert [name.before for name in found] == ["", "Haroon", "Akhtar", ""]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Khan", "KHAN spoke"),
        ("Pakistani", "in Pakistan"),
        ("Pakistan", "the Pakistanis"),
        ("Chinese", "in China"),
        ("China", "Chinese firms"),
        ("Germany", "German firms"),
        ("Italian", "Italy"),
        ("French", "France"),
        ("Zurich", "in Zürich"),
        ("US", "the United States agreed"),
        ("U.S", "the US agreed"),
        ("NASA", "the National Aeronautics Space Administration"),
        ("Southeast", "in South East London"),
        ("Electric", "electric vehicles"),
        ("Kenyan", "in Kenya"),
        ("Somali", "in Somalia"),
        ("Nigerian", "in Nigeria"),
        ("Nigerien", "in Niger"),
        ("O'Brien", "Mr O’Brien said so"),
    ],
)
def test_a_name_is_found_in_its_other_forms(name: str, text: str) -> None:
    assert NameFinder(text).has(Name(name, 0, len(name)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Austria", "in Australia"),
        ("Iraq", "in Iran"),
        ("Khan", "Iqbal"),
        ("EU", "the UN"),
        ("O'Brien", "O'Neill said so"),
        ("Paula", "Paul said so"),
        ("Paul", "Paula said so"),
        ("Nigerian", "in Niger"),
    ],
)
def test_another_name_is_not_found(name: str, text: str) -> None:
    assert not NameFinder(text).has(Name(name, 0, len(name)))


def test_words_of_two_names_are_not_one_name() -> None:
    finder = NameFinder("Haroon Akhtar Khan works for Prime Minister Shehbaz Sharif.")
    *_, khan = read_names("There Haroon Akhtar Khan spoke.")
    *_, sharif = read_names("There Haroon Sharif spoke.")
    assert finder.has_together(khan)
    assert finder.has(sharif)
    assert not finder.has_together(sharif)


def test_a_name_may_be_written_in_full_where_the_text_has_its_first_letters() -> None:
    finder = NameFinder("The WHO agreed.")
    assert finder.has_expansion(read_names("the World Health Organization"))
    assert not finder.has_expansion(read_names("the World Trade Organization"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He called it “a game changer”.", ["a game changer"]),
        ('It is "new" and "old".', ["new", "old"]),
        ("It is ``quite new''.", ["quite new"]),
        ("Khan's plan isn't 'a big step' for the firms' owners.", ["a big step"]),
        ("It's Khan's.", []),
        ("“”", []),
    ],
)
def test_quotations_are_read_and_apostrophes_are_none(text: str, expected: list[str]) -> None:
    assert read_quotations(text) == expected


def test_a_quotation_stands_word_for_word_whatever_its_marks_and_case() -> None:
    finder = NameFinder("It is, he said, a Game Changer for us.")
    assert finder.quotes("A game changer")
    assert not finder.quotes("a real game changer")


def test_what_a_country_and_its_people_share_is_found() -> None:
    assert set(find_roots("italian")) & set(find_roots("italy"))
    assert not set(find_roots("austria")) & set(find_roots("australia"))


@pytest.mark.parametrize(
    ("word", "expected"), [("U.S.", "us"), ("Zürich’s", "zurich"), ("firms'", "firms")]
)
def test_a_word_is_folded(word: str, expected: str) -> None:
    assert fold(word) == expected
