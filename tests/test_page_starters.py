import json
from pathlib import Path

from rag.page.starters import pick_starters

CORPUS = Path(__file__).parent.parent / "corpus"


def write_questions(corpus: Path, *rows: dict[str, object]) -> Path:
    lines = [json.dumps({"id": str(n), **row}) for n, row in enumerate(rows)]
    (corpus / "questions.jsonl").write_text("\n".join(lines), "utf-8")
    return corpus


def test_the_shipped_corpus_has_four_and_they_stay_the_same() -> None:
    starters = pick_starters(CORPUS)
    assert len(set(starters)) == 4
    assert pick_starters(CORPUS) == starters
    assert all(question.endswith("?") and len(question) <= 70 for question in starters)


def test_only_short_questions_that_stand_alone_and_have_an_answer_are_picked(
    tmp_path: Path,
) -> None:
    history = [{"question": "a?", "answer": "b"}]
    corpus = write_questions(
        tmp_path,
        {"question": "When does it rise?", "answers": ["May"]},
        {"question": "And when?", "answers": ["May"], "history": history},
        {"question": "Who knows?"},
        {"question": "river rises", "answers": ["May"]},
        {"question": f"Why {'so ' * 30}late?", "answers": ["May"]},
        {"question": "Given?", "answers": ["May"], "passages": [{"title": "", "text": "May"}]},
    )
    assert pick_starters(corpus) == ["When does it rise?"]


def test_no_test_questions_give_no_starters(tmp_path: Path) -> None:
    assert pick_starters(tmp_path) == []
    (tmp_path / "questions.jsonl").write_text("not json", "utf-8")
    assert pick_starters(tmp_path) == []
