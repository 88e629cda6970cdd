"""The command ``rag``: the only place that prints, and the only importer of typer and rich.

``commands`` has the five commands and what they take; ``opening`` gets them a chatbot,
``conversation`` is what goes on in ``rag chat``, and ``measuring`` in ``rag evaluate``;
``answers``, ``index_reports`` and ``tables`` say how answers, indexes and figures look, ``screen``
where they go, with a ``progress`` bar; what is said, and the exit code, where something is wrong is
in ``rag.failures``.
"""

from rag.cli.commands import app

__all__ = ["app"]
