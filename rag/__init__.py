"""Footnote answers questions about a folder of articles, and cites every sentence.

>>> import rag
>>> bot = rag.Chatbot.from_corpus("corpus")  # doctest: +SKIP
>>> bot.ask("What share of new vehicle sales should be electric by 2030?").text  # doctest: +SKIP
'Under the National Electric Vehicle Policy 2025–2030, … 30% of all new vehicles sold … [1]'

Each name is imported when it is first used, so that the command pays for what it needs alone.
"""

import typing

if typing.TYPE_CHECKING:
    from rag.chatbot import Chatbot, answer
    from rag.evaluate import run_evaluation
    from rag.generate.extractive import ExtractiveGenerator
    from rag.generate.model.language_model import LanguageModel
    from rag.index import Index
    from rag.records import (
        Answer,
        Citation,
        Document,
        Encoder,
        Generator,
        Hit,
        Passage,
        Retriever,
        Turn,
        Unsupported,
    )
    from rag.retrieve.retriever import IndexRetriever
else:

    def __getattr__(name):
        match name:
            case _ if name not in __all__:
                raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
            case "Chatbot" | "answer":
                import rag.chatbot as home
            case "ExtractiveGenerator":
                import rag.generate.extractive as home
            case "Index":
                import rag.index as home
            case "IndexRetriever":
                import rag.retrieve.retriever as home
            case "LanguageModel":
                import rag.generate.model.language_model as home
            case "run_evaluation":
                import rag.evaluate as home
            case _:
                import rag.records as home
        globals()[name] = held = getattr(home, name)
        return held

    def __dir__():
        return sorted({*globals(), *__all__})


__all__ = [
    "Answer",
    "Chatbot",
    "Citation",
    "Document",
    "Encoder",
    "ExtractiveGenerator",
    "Generator",
    "Hit",
    "Index",
    "IndexRetriever",
    "LanguageModel",
    "Passage",
    "Retriever",
    "Turn",
    "Unsupported",
    "answer",
    "run_evaluation",
]
