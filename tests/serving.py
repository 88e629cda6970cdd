"""A page over the two articles of ``fakes_page``, served by this process."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.blocks.app import build_page
from rag.blocks.launch import launch_options
from rag.page.loading import Loading
from tests.fakes_page import quoting_bot

SIZE = {"width": 1280, "height": 800}


@contextmanager
def serve_quotations(folder: Path) -> Iterator[str]:
    """Yield the address of the page, whose corpus and index are below the folder."""
    corpus, index = folder / "corpus", folder / ".rag" / "corpus"
    page = build_page(Loading(lambda tell: quoting_bot(folder, tell)), corpus=corpus, index=index)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    _, address, _ = page.launch(**launch_options("127.0.0.1", port, None, [folder]))
    try:
        yield address
    finally:
        page.close(verbose=False)
