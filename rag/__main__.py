"""The command ``rag``, also as ``python -m rag``."""

from __future__ import annotations

import io
import sys

from rag.cli import app


def main() -> None:
    """Run the command that the arguments ask for, and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a sign that the terminal lacks becomes a ?
    app(prog_name="rag")


if __name__ == "__main__":
    main()
