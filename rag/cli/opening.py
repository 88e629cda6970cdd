"""From a corpus to a chatbot, with its progress on the screen."""

from __future__ import annotations

from pathlib import Path

from rag.chatbot import Chatbot
from rag.cli.screen import count, show_progress
from rag.index import IndexMismatchError
from rag.index.weights import find_model
from rag.ingest.files import FORMATS, find_files
from rag.retrieve.retriever import Mode

WAITING = "opening the index (half a minute the first time)"  # the encoder is compiled then


def open_chatbot(
    corpus: Path, folder: Path | None, model: str, *, mode: Mode = "hybrid"
) -> Chatbot:
    """Return a chatbot over the corpus, whose index is up to date.

    Raises:
        ValueError: if there is no such model.
        OSError: if there is no such corpus, or nothing in it can be indexed.
        IndexMismatchError, IndexDamagedError, LockedError: as ``Chatbot.from_corpus``.
    """
    check_corpus(corpus)
    with show_progress(WAITING) as tell:
        try:
            return Chatbot.from_corpus(
                corpus,
                folder=folder,
                model=model,
                mode=mode,
                on_progress=lambda progress: tell(progress.phase, progress.done, progress.total),
            )
        except IndexMismatchError:
            raise
        except ValueError as error:
            find_model(model)  # raises where the model is what was wrong; else it is the corpus
            raise FileNotFoundError(str(error)) from error


def check_corpus(corpus: Path) -> None:
    """Raise where there is nothing to index: sooner than an encoder is loaded, or a folder made.

    Raises:
        OSError: if there is no such folder, or it has no file of a format that is read.
    """
    if corpus.is_dir() and any(path.suffix.lower() in FORMATS for path in corpus.rglob("*")):
        return
    try:
        find_files(corpus)
    except ValueError as error:
        raise FileNotFoundError(str(error)) from error


def list_notices(bot: Chatbot) -> list[str]:
    """Return what the person should know of the index before reading an answer from it."""
    skipped = bot.report.skipped if bot.report else ()
    if not skipped:
        return list(bot.notices)
    n_files = len({file.relative for file in skipped})
    return [*bot.notices, f"{count(n_files, 'file')} skipped; 'rag index' says why"]
