"""The chat page, started: ``python ui.py --help`` says how.

What the page shows is drawn in ``rag.page``, and wired up in ``rag.blocks``.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from rag.blocks.app import build_page
from rag.blocks.launch import MCP_PATH, launch_options
from rag.chatbot import Chatbot
from rag.failures import BROKEN, EXPECTED, exit_code, explain
from rag.index import default_folder, find_store
from rag.index.weights import DEFAULT_MODEL
from rag.ingest.files import check_corpus
from rag.page import wording
from rag.page.loading import Loading, LoadingError
from rag.page.rules import is_loopback
from rag.page.starters import pick_starters
from rag.page.writer import WRITERS, LanguageModel, find_language_model

HOST = "127.0.0.1"
FAREWELL = 3.0  # seconds in which an open page learns why there will be no answers


def serve(  # noqa: PLR0913 - every option of the command line
    corpus: Path,
    *,
    index: Path | None = None,
    store: str | None = None,
    host: str = HOST,
    port: int | None = None,
    auth: tuple[str, str] | None = None,
    model: str = DEFAULT_MODEL,
    reader: str = "",
    language_model: LanguageModel | None = None,
    feedback: Path | None = None,
    mcp: bool = False,
    verbose: bool = False,
) -> None:
    """Serve the page until the process is interrupted; print its address when it is there.

    The page comes up while the articles are still being read. Without a ``port`` the first free
    one from 7860 on is taken. With a ``language_model`` a person may choose whether it writes the
    answers. Ratings of answers go to the file ``feedback``, by default beside the
    index. With ``mcp`` the answer is a tool of an MCP server, too. With ``verbose`` the log has the
    messages of unexpected errors, which may quote what somebody typed. A ``store`` is read as it is
    once something is in it.

    Raises:
        ValueError: if others could reach the page without a password, the port is in use, or there
            is no package for MCP.
        FileNotFoundError, NotADirectoryError: if there is no such folder, or no article in it.
        LoadingError: if the articles cannot be read; its cause says why.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that what ends with us is cleared up
    check_use(host, port, auth)
    if mcp:
        check_mcp(auth)
    if store is None:  # what others have indexed needs no folder here
        check_corpus(corpus)  # what is wrong with the folder is told before a model is loaded
    folder = default_folder(corpus) if index is None else index
    found = find_store(store, corpus, folder, environment=os.environ)
    loading = Loading(
        lambda tell: Chatbot.from_corpus(
            corpus,
            store=found,
            model=model,
            reader=reader,
            generator=language_model,
            on_progress=tell,
        )
    )
    page = build_page(
        loading,
        starters=pick_starters(corpus),
        writers=WRITERS if language_model else (),
        corpus=corpus,
        index=folder,
        feedback=feedback,
        is_local=store is None,
        verbose=verbose,
    )
    if loading.failed:
        loading.chatbot()
    _, address, _ = page.launch(
        **launch_options(host, port, auth, [corpus, folder], mcp=mcp, verbose=verbose)
    )
    try:
        sys.stdout.write(f"{wording.TITLE} is at {address} (Ctrl-C stops it)\n")
        if mcp:
            sys.stdout.write(f"Its MCP server is at {address.rstrip('/')}{MCP_PATH}/\n")
        sys.stdout.flush()
        loading.wait()
        if loading.failed:
            time.sleep(FAREWELL)
        loading.chatbot()
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    finally:
        loading.leave()
        page.close(verbose=False)


def check_use(host: str, port: int | None, auth: tuple[str, str] | None) -> None:
    """Raise a ``ValueError`` if the page must not, or cannot, be served like that."""
    if auth is None and not is_loopback(host):
        raise ValueError(
            f"host must be this machine unless there is a password, got {host}; "
            "add --auth USER:PASSWORD"
        )
    if auth is not None and not all(auth):
        raise ValueError("auth must have a user and a password, got a blank one; fill it in")
    if port is not None and not 0 < port < 65536:
        raise ValueError(f"port must be between 1 and 65535, got {port}")
    if port is not None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise ValueError(
                    f"port must be free, got {port} ({explain(error)}); "
                    "name another, or leave --port out"
                ) from None


def check_mcp(auth: tuple[str, str] | None) -> None:
    """Raise a ``ValueError`` if the page cannot, or must not, be an MCP server."""
    if auth is not None:
        raise ValueError(  # Gradio asks nobody for a password there
            "mcp must be used without a password, got one; leave out --auth, or --mcp"
        )
    if find_spec("mcp") is None:
        raise ValueError(
            "mcp must be installed to be served, got none; run: pip install 'footnote-rag[mcp]'"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python ui.py", description="Serve the chat page of a folder of articles."
    )
    parser.add_argument(
        "--corpus",
        type=Path,
        default=Path("corpus"),
        metavar="DIR",
        help="the folder of articles (default: ./corpus)",
    )
    parser.add_argument(
        "--index",
        type=Path,
        metavar="DIR",
        help="where the index is kept (default: .rag beside the corpus)",
    )
    parser.add_argument(
        "--store",
        metavar="WHERE",
        help="milvus:PATH.db or milvus://HOST:PORT, if the index is not in a folder",
    )
    parser.add_argument("--host", default=HOST, help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, help="port to listen on (default: the first free one from 7860)"
    )
    parser.add_argument(
        "--auth", metavar="USER:PASSWORD", help="ask for these; needed on any host but this machine"
    )
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        metavar="NAME",
        help="encoder, a name or a path (default: %(default)s)",
    )
    parser.add_argument(
        "--reader",
        default="",
        metavar="NAME",
        help="folder of a reader other than the package's own, or none for none",
    )
    parser.add_argument("--llm", metavar="URL", help="a language model's server (OPENAI_BASE_URL)")
    parser.add_argument(
        "--llm-model",
        metavar="NAME",
        help="the language model that writes the answers (OPENAI_MODEL)",
    )
    parser.add_argument(
        "--feedback",
        type=Path,
        metavar="FILE",
        help="where ratings are kept as test questions (default: feedback.jsonl in the index)",
    )
    parser.add_argument(
        "--mcp", action="store_true", help="offer the answer as a tool of an MCP server, too"
    )
    parser.add_argument(
        "--verbose",
        action="store_true",
        help="log the messages of unexpected errors, which may quote questions",
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s")
    try:
        serve(
            options.corpus,
            index=options.index,
            store=options.store,
            host=options.host,
            port=options.port,
            auth=parse_auth(options.auth),
            model=options.model,
            reader=options.reader,
            language_model=find_language_model(os.environ, options.llm, options.llm_model),
            feedback=options.feedback,
            mcp=options.mcp,
            verbose=options.verbose,
        )
    except LoadingError as error:
        return _refuse(error, BROKEN)
    except EXPECTED as error:
        return _refuse(error, exit_code(error))
    return 0


def parse_auth(text: str | None) -> tuple[str, str] | None:
    """Return user and password of ``USER:PASSWORD``, the password may have colons.

    >>> parse_auth("ann:a:b")
    ('ann', 'a:b')
    """
    if text is None:
        return None
    user, colon, password = text.partition(":")
    if not colon or not user or not password:
        raise ValueError("auth must be USER:PASSWORD, got something else; put a colon between them")
    return user, password


def _refuse(error: Exception, code: int) -> int:
    sys.stderr.write(f"error: {explain(error)}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
