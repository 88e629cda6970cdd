from pathlib import Path

from rag.page.status import draw_failure, draw_indexed
from tests.fakes_page import quoting_bot, write_articles


def test_what_the_index_holds_is_said(tmp_path: Path) -> None:
    bot = quoting_bot(tmp_path)
    built = f"{bot.index.built_at[:10]} {bot.index.built_at[11:16]} UTC"
    assert f"<span>2 articles, 2 passages, indexed {built}</span>" in draw_indexed(bot)
    assert "<details" not in draw_indexed(bot)


def test_skipped_files_are_named_with_their_reasons(tmp_path: Path) -> None:
    corpus = write_articles(tmp_path / "corpus")
    (corpus / "<b>.txt").write_bytes(bytes(range(256)) * 8)
    html = draw_indexed(quoting_bot(tmp_path))
    assert "<summary>1 file skipped</summary>" in html
    assert "<li>&lt;b&gt;.txt: " in html


def test_notices_are_shown_once(tmp_path: Path) -> None:
    bot = quoting_bot(tmp_path)
    bot.notices = ("rebuilt", "rebuilt")
    assert draw_indexed(bot).count("<li>rebuilt</li>") == 1


def test_a_reason_is_escaped() -> None:
    assert "&lt;x&gt;" in draw_failure("<x>")
