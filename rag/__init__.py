"""Footnote answers questions about a folder of articles, and cites every sentence.

>>> import rag
>>> bot = rag.Chatbot.from_corpus("corpus")  # doctest: +SKIP
>>> bot.ask("What share of new vehicle sales should be electric by 2030?").text  # doctest: +SKIP
'Under the National Electric Vehicle Policy 2025–2030, … 30% of all new vehicles sold … [1]'
"""

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
