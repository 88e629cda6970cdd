"""Who writes the answers: the articles' own sentences, or a language model where there is one."""

from __future__ import annotations

from collections.abc import Mapping

from rag.chatbot import Chatbot
from rag.generate.model.language_model import LanguageModel as LanguageModel  # for the page
from rag.page import wording
from rag.records import Generator

WRITERS = (wording.LANGUAGE_MODEL, wording.EXTRACTIVE)
"""The choices of the page, the first of them chosen; there are none without a language model."""


def find_language_model(
    environment: Mapping[str, str], url: str | None = None, name: str | None = None
) -> LanguageModel | None:
    """Return the language model of the options and the environment, None where there is none.

    Raises:
        ValueError: as ``LanguageModel.from_environment``.
    """
    return LanguageModel.from_environment(environment, url=url, name=name)


def pick_generator(bot: Chatbot, writer: str | None) -> Generator:
    """Return the chatbot's generator for a choice; for none, or an unknown one, its own."""
    return bot.extractive if writer == wording.EXTRACTIVE else bot.generator
