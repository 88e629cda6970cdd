"""All sentences of the page, in one place."""

from __future__ import annotations

TITLE = "Footnote"
TAGLINE = "Answers from your articles, each sentence with its source."
GREETING = "Ask the articles"
GREETING_MORE = (
    "Every sentence of an answer names the passage it rests on. Select a number to read it."
)

QUESTION = "Your question"
QUESTION_HINT = "Ask about the articles…"
SEND = "Ask"
STOP = "Stop"
CLEAR = "New conversation"
CHAT = "Conversation"
ANSWER = "Answer"
QUERY = "Search with other words"
QUERY_HINT = "The words that the articles were last searched with. Change them and ask again."
ASK_AGAIN = "Ask again with this query"
WRITER = "Answers are written by"
LANGUAGE_MODEL = "the language model"
EXTRACTIVE = "the articles, in their own words"
UNSUPPORTED = "Not supported: {reason}"

WARMING_UP = "Warming up: reading the articles…"
WARMING_UP_FURTHER = "Warming up: {phase}… {done:,} of {total:,}"
PHASES = {
    "reading": "reading the articles",
    "encoding": "indexing their passages",
    "publishing": "finishing the index",
}
WAITING = "Still warming up – your question will be answered as soon as the articles are read."
THINKING = "Looking through the articles…"
STOPPED = "Stopped."
BLANK = "Please type a question first."
TOO_LONG = (
    "That question is too long: it has {length:,} characters, and {limit:,} are the most. "
    "Please shorten it."
)
UNEXPECTED = "Something went wrong on our side, and it has been noted. Please try once more."
NOT_LOADED = "The articles cannot be read: {reason}"
NOTHING_TO_REPEAT = "Ask a question first; then it can be asked again with other words."

INDEXED = "{documents}, {passages}, indexed {when}"
SKIPPED = "{files} skipped"
NOTICES = "Notices"

COPY = "Copy"
COPIED = "Copied"
COPY_TITLE = "Copy this answer with its sources"
HOW = "How this was found"
CONFIDENCE = "Confidence"
CONFIDENCE_VALUE = "{percent} % that these passages answer the question"
SEARCHED_WITH = "Searched with"
WRITTEN_BY = "Written by"

SOURCES = "Sources"
SOURCES_EMPTY = "The passages behind an answer appear here."
ARTICLES = "Articles"
MORE_ARTICLES = "and {n:,} more"
ANSWER_TO = "Answer to"
ASKED = "Asked"
NEAREST = "Nearest passages – not an answer"
NEAREST_MORE = (
    "The nearest passages are listed with the sources, so that you can judge for yourself."
)
NEAREST_LINK = "See the nearest passages"
ALSO_FOUND = "Also found, not cited"
WHY = "Why this passage"
DENSE_RANK = "Rank by meaning"
LEXICAL_RANK = "Rank by words"
SCORE = "Score"
NO_RANK = "not in that ranking"
OPEN_ARTICLE = "Read in the article"
ALL_SOURCES = "All sources"
BACK_TO_ANSWER = "Back to the answer"
CITED_TITLE = "Source {number}: {quote}"
CHANGED = "The article has changed since this answer. This is the passage as it was."
SOURCE_GONE = "This source belongs to an answer that is no longer here."


def count(n: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "article"), count(1200, "passage")
    ('1 article', '1,200 passages')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
