"""A conversation in the terminal, or with whatever writes to standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress

from rich.live import Live
from rich.text import Text

from rag.chatbot import Chatbot
from rag.cli.answers import show_sources, style_answer
from rag.cli.screen import out, say, show
from rag.failures import explain
from rag.records import Answer, Turn

HELP = """\
/sources     what the last answer rests on, in the words of the articles
/query TEXT  ask the last question again, searching with TEXT
/clear       forget what was said
/help        this list
/quit        end, as does Ctrl-D"""


class Conversation:
    """What was said so far, and the last answer, with a chatbot that searches for ``k`` hits."""

    def __init__(self, bot: Chatbot, k: int) -> None:
        self.bot = bot
        self.k = k
        self.turns: list[Turn] = []
        self.last: Answer | None = None
        self.find_document = bot.document

    def run(self) -> None:
        """Answer line by line, until the input or a command ends it."""
        for line in _read_lines():
            command, _, rest = line.partition(" ")
            if command == "/quit":
                return
            if command == "/help":
                show(HELP)
            elif command == "/clear":
                self.turns, self.last = [], None
            elif command == "/sources":
                self._show_sources()
            elif command == "/query":
                self._ask_again(rest.strip())
            elif command.startswith("/"):
                say(f"there is no command {command}; /help lists them")
            else:
                self._ask(line, self.turns)

    def _ask(self, question: str, history: list[Turn], query: str | None = None) -> None:
        """Show the answer, and go on from there; where there is none, all stays as it was."""
        answer = None
        try:
            self.bot.refresh()
            with Live(console=out, transient=True, auto_refresh=False) as live:
                for answer in self.bot.stream(question, history=history, k=self.k, query=query):
                    live.update(style_answer(answer), refresh=True)
        except (ValueError, OSError) as error:  # OSError: a server that is away, for a while
            say(explain(error))
            return
        if answer is not None:
            self.turns = [*history, Turn(question, answer.stated)]
            self.last = answer
            self.find_document = self.bot.index.document  # of the generation that it rests on
            _show_answer(question, answer)

    def _ask_again(self, query: str) -> None:
        if not self.turns:
            say("there is no question to ask again; ask one first")
        elif not query:
            say("/query needs the words to search with, such as: /query electric cars 2030")
        else:
            self._ask(self.turns[-1].question, self.turns[:-1], query)

    def _show_sources(self) -> None:
        if self.last is None:
            say("there is no answer yet; ask a question first")
        else:
            show_sources(self.last, self.find_document)


def _show_answer(question: str, answer: Answer) -> None:
    for notice in answer.notices:
        say(notice)
    if answer.query and answer.query != question:
        show(Text(f"searched for: {answer.query}", style="dim"))
    show(style_answer(answer))
    titles = {
        citation.number: citation.passage.title or citation.passage.doc_id
        for citation in answer.citations
    }
    for number, title in sorted(titles.items()):
        show(Text(f"[{number}] {title}", style="dim"))
    show()


def _read_lines() -> Iterator[str]:
    """Yield the lines that say something; with editing and a prompt where a person types them."""
    typed = sys.stdin.isatty()
    if typed:
        with suppress(ImportError):  # Windows edits lines by itself
            import readline  # noqa: F401  input() takes it from there
    while True:
        try:
            line = input("> " if typed else "").strip()
        except EOFError:
            if typed:
                show()  # Ctrl-D leaves the cursor behind the prompt
            return
        if line:
            yield line
