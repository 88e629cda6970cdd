"""The options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_ARTICLES = "The folder with the articles."
CorpusArgument = Annotated[
    Path, typer.Argument(metavar="CORPUS", help=_ARTICLES, envvar="RAG_CORPUS")
]
CorpusOption = Annotated[
    Path, typer.Option("--corpus", metavar="DIR", help=_ARTICLES, envvar="RAG_CORPUS")
]
FolderOption = Annotated[
    Path | None,
    typer.Option("--index", metavar="DIR", help="Where the index is, if not beside the corpus."),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="WHERE",
        help="In place of a folder: milvus:PATH.db or milvus://HOST:PORT.",
    ),
]
ModelOption = Annotated[
    str,
    typer.Option("--model", metavar="NAME", help="The encoder, or its folder.", envvar="RAG_MODEL"),
]
ReaderOption = Annotated[
    str, typer.Option("--reader", metavar="NAME", help="The reader's folder, or none.")
]
LlmOption = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="URL",
        help="A language model's server (OPENAI_BASE_URL; its key: OPENAI_API_KEY).",
    ),
]
LlmModelOption = Annotated[
    str | None,
    typer.Option(
        "--llm-model",
        metavar="NAME",
        help="The model there that writes the answers (OPENAI_MODEL).",
    ),
]
HitsOption = Annotated[
    int, typer.Option("--k", metavar="N", help="How many passages to answer from, at least 1.")
]
