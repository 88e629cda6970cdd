"""From a corpus to a chatbot, with its progress on the screen."""

from __future__ import annotations

from pathlib import Path

from rag.chatbot import Chatbot
from rag.cli.screen import count, show_progress
from rag.generate.language_model import LanguageModel
from rag.retrieve.retriever import Mode

WAITING = "opening the index (half a minute the first time)"  # the encoder is compiled then


def open_chatbot(
    corpus: Path,
    folder: Path | None,
    model: str,
    *,
    mode: Mode = "hybrid",
    writer: LanguageModel | None = None,
) -> Chatbot:
    """Return a chatbot over the corpus, whose index is up to date; ``writer`` writes its answers.

    Raises:
        ValueError: if there is no such model.
        FileNotFoundError, NotADirectoryError, IndexMismatchError, IndexDamagedError, LockedError:
            as ``Chatbot.from_corpus``.
    """
    with show_progress(WAITING) as tell:
        return Chatbot.from_corpus(
            corpus,
            folder=folder,
            model=model,
            mode=mode,
            generator=writer,
            on_progress=lambda progress: tell(progress.phase, progress.done, progress.total),
        )


def list_notices(bot: Chatbot) -> list[str]:
    """Return what the person should know of the index before reading an answer from it."""
    skipped = bot.report.skipped if bot.report else ()
    if not skipped:
        return list(bot.notices)
    n_files = len({file.relative for file in skipped})
    return [*bot.notices, f"{count(n_files, 'file')} skipped; 'rag index' says why"]
