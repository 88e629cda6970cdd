"""All sentences of the page, in one place."""

from __future__ import annotations

TITLE = "Footnote"
TAGLINE = "Answers from your articles, each sentence with its source."
GREETING = "Ask the articles"
GREETING_MORE = (
    "Every sentence of an answer names the passage it rests on. Select a number to read it."
)

CHAT_TAB = "Chat"
ARTICLES_TAB = "Articles"

EXAMPLES = "Questions to begin with"
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
CONFIDENCE = "Confidence"
CONFIDENCE_TITLE = "How probable it is, as estimated, that the passages found answer the question"
CHANGE = "Change"
CHANGE_TITLE = "Search again with other words"
SEARCHED_WITH = "Searched with"
WRITTEN_BY = "Written by"

SOURCES = "Sources"
SOURCES_EMPTY = "The passages behind an answer appear here."
ARTICLES = "Articles"
MORE_ARTICLES = "and {n:,} more"
ANSWER_TO = "Answer to"
ASKED = "Asked"
NEAREST = "Nearest passages – not an answer"
NEAREST_MORE = "This is what comes nearest. It is not an answer; judge for yourself."
NOTHING_NEAR = "Nothing in them comes near the question."
OTHER_WORDS = "Search with other words"
ADD_ARTICLE = "Add an article that says it"
NEAREST_LINK = "See the nearest passages"
ALSO_FOUND = "Also found, not cited"
WHY = "Why this passage"
MATCHED = "Words in common"
NO_MATCH = "none: found by its meaning"
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
CONVERSATIONS = "Conversations"
NO_CONVERSATIONS = "What you ask is kept here, for this browser alone."
OPEN_TITLE = "Open “{title}”"
RENAME = "Rename"
RENAME_HINT = "Title of this conversation"
DELETE = "Delete"
DELETE_TITLE = "Delete “{title}”"
DELETE_SURE = "Delete this conversation for good?"
EXPORT_MARKDOWN = "Save as Markdown"
EXPORT_JSON = "Save as JSON"
NOTHING_TO_EXPORT = "There is no answer to save yet."
CONVERSATIONS_DAMAGED = (
    "The kept conversations could not be read; the file was set aside as {name}, and a new one "
    "begun."
)
ANSWER_DAMAGED = "An answer that was kept could not be read, and is left out."
NOT_KEPT = "This conversation is not being kept: {reason}"
CITED_CHANGED = (
    "The articles have changed since this answer: what it cites as {numbers} no longer stands "
    "there, and is shown as it was."
)
EXPORTED_FROM = "Answers from articles, by {title}. Saved {when}."
EXPORT_SOURCES = "Sources"
EXPORT_CHANGED = "no longer stands in the article"

RATING = "Is this right?"
HELPFUL = "Right"
NOT_HELPFUL = "Not right"
HELPFUL_TITLE = "Right: keep it as a test question of these articles, which others can see"
NOT_HELPFUL_TITLE = (
    "Not right: keep it as a test question that this answer fails, which others can see"
)
RATED = "Kept as a test question in {name}."
NOT_RATED = "The rating could not be kept: {reason}"
FROM_ELSEWHERE = "the answer rests on an article that is not in the corpus"

ABOUT_HEADING = "What do the articles say about {heading}?"
ABOUT_NAME = "Who or what is {name}?"

EVALUATION_TAB = "Evaluation"
EVALUATION_INTRO = "Asks test questions one by one, and measures what comes back."
EVALUATION_FILE = "Test questions"
EVALUATION_CORPUS = "That come with the articles"
EVALUATION_FEEDBACK = "From the ratings of answers"
EVALUATE = "Run"
EVALUATE_STOP = "Stop"
EVALUATING = "Asking question {number:,} of {total:,}…"
EVALUATION_BEGINS = "Reading the test questions…"
EVALUATION_STOPPED = "Stopped after {done:,} of {total:,} questions. "
EVALUATION_DONE = "{passed:,} of {total:,} questions of {file} passed, measured {when}."
EVALUATION_NONE = "No test questions have been run yet."
EVALUATION_FAILED = "The test questions cannot be run: {reason}"
FIGURES = "Figures"
PLOTS = "Confidence"
FAILURES = "Failures"
FAILURES_MORE = "Select a question to ask it in the chat."
NO_FAILURES = "None."
MORE_FAILURES = "and {n:,} more"
EXPECTED = "Expected"
EXPECTED_IN = "an answer from {documents}"
EXPECTED_REFUSAL = "a refusal, since the articles do not say"
EXPECTED_OTHER = "anything but the answer that was rated not right"
GOT = "Got"
GOT_ERROR = "an error: {reason}"
GIVEN_BY_TEST = "This answer was given by the test question, and has no source."
FAILURE_GONE = "That question is no longer in the list."

# What a request is refused with: the page shows it, and programs read it.
ADDRESS_TOO_LONG = "The address is too long; send the question in the body."
WRONG_HOST = "This page answers on this machine only; open it as localhost or 127.0.0.1."
FOREIGN = "The request comes from another site; open this page itself."
NOT_THERE = "There is nothing here; the page is at / and programs call the endpoint 'answer'."
BAD_REQUEST = "The request cannot be read; send it whole."
BODY_TOO_LARGE = "The request is too large; a question has at most 2,000 characters."
CONVERSATION_TOO_LONG = (
    "That is too much at once; begin a new conversation, or send a long text as a file."
)
FILE_TOO_LARGE = "The file is too large; 20 MB are the most."
BAD_UPLOAD = "The upload cannot be read; choose the file again."
TOO_MANY_FILES = "These are too many files; send at most {limit} at a time."
WRONG_FILE = "This kind of file cannot be read; choose one of {suffixes}."
TOO_SLOW = "The request took too long to arrive; try again."
BUSY = "Too many questions are waiting just now. Please ask again in a few seconds."
TOO_MANY_ATTEMPTS = "Too many wrong passwords; try again in {seconds} seconds."


ADD_TITLE = "Add articles"
ADD_HINT = (
    "Drop files here, or choose them: {formats}. "
    "At most {files} files and {limit:.0f} MB at a time."
)
DROP = "Drop articles here"
PASTE = "Or paste a text"
PASTE_TITLE = "Title (may stay empty)"
PASTE_TEXT = "Text of the article"
PASTE_ADD = "Add this text"
KEEP = "Keep them in the corpus folder"
KEEP_MORE = "They then answer everybody's questions, and stay until somebody removes them."
OWN_MORE = (
    "Articles that you add here are yours alone: they answer nobody else's questions, and are "
    "deleted ten minutes after you close or reload this page. What answers quote from them stays "
    "in your conversations until you delete those."
)
YOURS = "Your articles"
YOURS_NONE = "You have added none."
EVERYBODYS = "Articles of the corpus"
HOW_TO_REMOVE = (
    "To change or remove an article that was not added on this page, change or delete its file in "
    "the corpus folder and reload the page; it looks for changes once a minute."
)
REMOVE = "Remove"
REMOVE_NAMED = "Remove {title}"
REMOVE_SURE = "Delete the file {file} from the corpus folder, for everybody?"
REMOVED = "{file} has been removed."
CAUGHT_UP = "{files} of the corpus folder had changed; the answers follow them now."
GONE_ALREADY = "That article is no longer there."
ADDING = "{phase}… {done:,} of {total:,}"
ADDING_FIRST = "Looking at the files…"
READY = "ready: {passages}"
READY_MANY = "ready: {documents}, {passages}"
NOT_ADDED = "skipped: {reason}"
WAITING_FILE = "waiting"
READING_FILE = "being read"
READ_FILE = "read"
SCOPE = "Answer from"
SCOPE_ALL = "All articles"
SCOPE_OWN = "Only mine"
WRONG_FORMAT = "a format that is not read; these are: {formats}"
TOO_LARGE = "{size:.1f} MB, more than the {limit:.0f} MB that a file may have"
EMPTY_FILE = "the file is empty"
NO_ARTICLE = "there is no article in it"
SAME_FILE = "the same as {file}, which is there already"
SHELF_FULL = "no more room: {files} files or {size:.0f} MB are the most"
PARTS_SKIPPED = "{n:,} parts of it were skipped, first: {reason}"
NO_TEXT = "Please paste a text first."
TEXT_TOO_LONG = (
    "That text has {length:,} characters, and {limit:,} are the most. Please add it as a file."
)
NO_SEATS = "Too many people have articles of their own here at the moment. Please try again later."
NOT_ADDED_HERE = (
    "{file} was not added on this page, so it is not deleted from here; delete the file in the "
    "corpus folder and run: rag index"
)
CHANGED_SINCE = (
    "{file} has been changed since it was added, so it is not deleted from here; delete the file "
    "in the corpus folder and run: rag index"
)


def count(n: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "article"), count(1200, "passage")
    ('1 article', '1,200 passages')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
