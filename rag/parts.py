"""A corpus → the parts that answer from it: index, encoder and reader, opened side by side."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rag.index import IndexReport, IndexStore, LockedError, OpenIndex, Progress, find_store
from rag.index.compiler import load_encoder
from rag.index.weights import DEFAULT_MODEL
from rag.ingest.files import check_corpus
from rag.read.compiler import NO_READER, check_reader, load_reader
from rag.read.reader import Reader
from rag.records import Encoder

Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a chatbot is made of.

    ``report`` tells what was done to bring the index up to date, and is ``None`` where nothing
    was; ``notices`` are sentences for the person.
    """

    index: OpenIndex
    encoder: Encoder
    reader: Reader | None
    report: IndexReport | None
    notices: tuple[str, ...]


def open_parts(
    corpus: Path,
    *,
    folder: Path | None = None,
    store: IndexStore | str | None = None,
    model: str = DEFAULT_MODEL,
    encoder: Encoder | None = None,
    reader: Reader | str | None = None,
    update: bool | None = None,
    on_progress: Tell | None = None,
) -> Parts:
    """Return the parts for a corpus, whose index is built or updated; see `Chatbot.from_corpus`.

    Raises:
        FileNotFoundError, NotADirectoryError, ValueError, IndexMismatchError, IndexDamagedError,
            LockedError, OSError: as there.
    """
    if store is None:
        check_corpus(corpus)  # before half a minute goes into an encoder for it
    kept: IndexStore
    kept = find_store(store, corpus, folder) if store is None or isinstance(store, str) else store
    kept.check()
    if update is None:
        update = kept.expects_update()
    if update:
        check_corpus(corpus)
    if reader is None:
        reader = "" if encoder is None else NO_READER
    if isinstance(reader, str):
        check_reader(reader)
    notices: list[str] = []
    report, busy = None, None
    with ThreadPoolExecutor(max_workers=1) as beside:  # half a second each, on a core each
        finding = beside.submit(_find_reader, reader, kept.folder / "reader")
        if encoder is None:
            encoder, notices = load_encoder(model, cache=kept.folder / "encoder")
            beside.submit(encoder.encode_queries, [model])  # the first one takes 20 ms more
        if update:
            report, busy = _update(kept, corpus, encoder, on_progress)
        index = _open(kept, encoder, busy)
        found, remarks = finding.result()
    notices += remarks
    if busy is not None:
        notices.append(f"{busy}. Until then, the index of {index.built_at} answers")
    return Parts(index, encoder, found, report, tuple(notices))


def _find_reader(reader: Reader | str, cache: Path) -> tuple[Reader | None, list[str]]:
    """Return the reader, found by its name if that is what is given, and notices."""
    if not isinstance(reader, str):
        return reader, []
    found, notices = load_reader(reader, cache=cache)
    if found is not None:
        found.read("?", ["."])  # the first reading takes 20 ms more, here beside other work
    return found, notices


def _update(
    store: IndexStore,
    corpus: Path,
    encoder: Encoder,
    on_progress: Tell | None,
) -> tuple[IndexReport | None, LockedError | None]:
    """Bring the index up to date; return what that took, or who else is doing it."""
    try:
        return store.update(corpus, encoder, on_progress=on_progress), None
    except LockedError as error:
        return None, error


def _open(store: IndexStore, encoder: Encoder, busy: LockedError | None) -> OpenIndex:
    """Return what is published; where nothing is and somebody is busy with that, say who."""
    try:
        return store.open(encoder)
    except FileNotFoundError:
        if busy is not None:
            raise busy from None
        raise
