import pytest

from rag.generate.evidence import gather_evidence
from rag.generate.releases import find_release, names_version
from rag.ingest.split import split_document
from rag.records import Document, Hit
from tests.fakes import WordEncoder

ENCODER = WordEncoder(dimension=4096)
CHANGES = Document(
    "changes.md",
    "Changelog",
    "# Changelog\n\nOf Tidepool.\n\n## [3.2.0] - 2024-11-05\n\n### Added\n- PDF.\n\n### Fixed\n"
    "- A crash.\n\n## [3.1.0]\n\n### Added\n- Dark mode.\n\n## Moving to 3.1.0\n\nTake care.",
)
OTHER = Document("other.md", "Gimlet", "# Gimlet\n\nA tool.")


def release(question: str) -> list[str]:
    passages = [*split_document(CHANGES), *split_document(OTHER)][::-1]
    hits = [Hit(passage, 1 / rank, rank) for rank, passage in enumerate(passages, start=1)]
    evidence = gather_evidence(question, hits, ENCODER)
    return [sentence.text for sentence in find_release(question, evidence)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What changed in version 3.2.0?", ["- PDF.", "- A crash."]),
        ("What is new in v3.2.0?", ["- PDF.", "- A crash."]),
        ("What changed in Tidepool 3.2.0?", ["- PDF.", "- A crash."]),
        ("What was added in 3.2.0?", ["- PDF."]),
        ("Which changes were made in 3.1.0?", ["- Dark mode."]),
        ("When was 3.2.0 released?", ["## [3.2.0] - 2024-11-05"]),
        ("When did version 3.2.0 of Tidepool come out?", ["## [3.2.0] - 2024-11-05"]),
    ],
)
def test_what_stands_below_the_heading_of_a_version_is_of_that_version(
    question: str, expected: list[str]
) -> None:
    assert release(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "When was 3.1.0 released?",  # the heading has no date
        "What changed in 3.2.1?",
        "What changed in 3.2.0-beta?",
        "What changed in Gimlet 3.2.0?",  # of which another article is
        "What does version 3.2.0 cost?",
        "What was removed in 3.2.0?",
        "Who released 3.2.0?",
        "Is 3.2.0 new?",
        "What changed between 3.1.0 and 3.2.0?",
        "3.2.0",
        "What changed?",
    ],
)
def test_nothing_is_told_of_a_version_where_it_is_not_sure(question: str) -> None:
    assert release(question) == []


@pytest.mark.parametrize(
    ("heading", "version", "expected"),
    [
        ("[3.2.0] - 2024-11-05", "3.2.0", True),
        ("v3.2.0", "3.2.0", True),
        ("Version 3.2: Ocean", "3.2", True),
        ("3.2.0 (5 November 2024)", "3.2.0", True),
        ("3.2 Deposit", "3.2", False),
        ("3.2.0-beta", "3.2.0", False),
        ("3.2.0", "3.2", False),
        ("Moving to 3.2.0", "3.2.0", False),
    ],
)
def test_a_heading_is_that_of_a_version_if_it_says_no_more(
    heading: str, version: str, expected: bool
) -> None:
    assert names_version(heading, version) is expected
