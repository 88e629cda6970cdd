"""Pages that are served by this process, such as one over the two articles of ``fakes_page``."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.blocks.app import build_page
from rag.blocks.launch import launch_options
from rag.page.loading import Loading
from tests.fakes_page import quoting_bot

SIZE = {"width": 1280, "height": 800}


def free_port(host: str = "127.0.0.1") -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def launch_page(
    loading: Loading,
    private: Sequence[Path],
    *,
    host: str = "127.0.0.1",
    auth: tuple[str, str] | None = None,
    **parts: Any,
) -> tuple[Any, str]:
    """A page and its address, launched where an event loop runs: else Gradio loses its own."""
    options = launch_options(host, free_port(host), auth, private)

    async def launch() -> tuple[Any, str]:
        page = build_page(loading, **parts)
        _, address, _ = page.launch(**options)
        return page, address

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, launch()).result()


@contextmanager
def serve_quotations(folder: Path) -> Iterator[str]:
    """Yield the address of the page, whose corpus and index are below the folder."""
    corpus, index = folder / "corpus", folder / ".rag" / "corpus"
    loading = Loading(lambda tell: quoting_bot(folder, tell))
    page, address = launch_page(loading, [folder], corpus=corpus, index=index)
    try:
        yield address
    finally:
        page.close(verbose=False)
