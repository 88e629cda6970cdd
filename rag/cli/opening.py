"""From a corpus to a chatbot, with its progress on the screen."""

from __future__ import annotations

import os
from pathlib import Path

from rag.chatbot import Chatbot
from rag.cli.screen import count, show_progress
from rag.generate.model.language_model import LanguageModel
from rag.index import IndexReport, IndexStore, find_store
from rag.index.compiler import load_encoder
from rag.index.milvus.runs import Shard
from rag.ingest.files import check_corpus
from rag.retrieve.retriever import Mode

WAITING = "opening the index (half a minute the first time)"  # the encoder is compiled then


def choose_store(
    corpus: Path,
    folder: Path | None,
    store: str | None,
    *,
    shard: str | None = None,
    rebuild: bool = False,
) -> IndexStore:
    """Return where the index of the corpus is kept; what a server asks for is in the environment.

    Raises:
        ValueError: if the store or the shard is not of the form that it has.
    """
    part = None if shard is None else Shard.parse(shard)
    return find_store(store, corpus, folder, environment=os.environ, shard=part, rebuild=rebuild)


def update_shard(corpus: Path, store: IndexStore, model: str) -> tuple[IndexReport, list[str]]:
    """Return what indexing did, and notices; nothing is opened, as other shards may be missing.

    Raises:
        ValueError, OSError, IndexMismatchError, LockedError: as ``Chatbot.from_corpus``.
    """
    check_corpus(corpus)
    store.check()
    with show_progress(WAITING) as tell:
        encoder, notices = load_encoder(model, cache=store.folder / "encoder")
        report = store.update(
            corpus,
            encoder,
            on_progress=lambda progress: tell(progress.phase, progress.done, progress.total),
        )
    return report, notices


def open_chatbot(
    corpus: Path,
    store: IndexStore,
    model: str,
    *,
    reader: str = "",
    mode: Mode = "hybrid",
    writer: LanguageModel | None = None,
) -> Chatbot:
    """Return a chatbot over the corpus, whose index is up to date, or is what its store holds.

    A language model, the ``writer``, writes its answers, if there is one.

    Raises:
        ValueError: if there is no such model.
        FileNotFoundError, NotADirectoryError, IndexMismatchError, IndexDamagedError, LockedError:
            as ``Chatbot.from_corpus``.
    """
    with show_progress(WAITING) as tell:
        return Chatbot.from_corpus(
            corpus,
            store=store,
            model=model,
            reader=reader,
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
