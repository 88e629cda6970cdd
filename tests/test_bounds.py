import pytest

from rag.generate.entities.bounds import read_bound


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("more than 250", ">"),
        ("over 250", ">"),
        ("at least 250", ">"),
        ("no fewer than 250", ">"),
        ("not less than 250", ">"),
        ("250 or more", ">"),
        ("250+", ">"),
        ("fewer than 250", "<"),
        ("up to 250", "<"),
        ("as many as 250", "<"),
        ("nearly 250", "<"),
        ("no more than 250", "<"),
        ("not exceeding 250", "<"),
        ("not over 250", "<"),
        ("250 or less", "<"),
        ("about 250", "~"),
        ("an estimated 250", "~"),
        ("some 250", "~"),
        ("250 or so", "~"),
        ("exactly 250", ""),
        ("over there are 250", ""),
        ("250", ""),
    ],
)
def test_what_stands_around_a_number_says_whether_more_or_less_is_meant(
    text: str, bound: str
) -> None:
    start = text.index("250")
    assert read_bound(text, start, start + 3) == bound
