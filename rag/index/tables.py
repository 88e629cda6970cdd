"""The tables of an index; `rag.index.fingerprint.FORMAT` is raised with every change of them."""

SCHEMA = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum BLOB NOT NULL
) WITHOUT ROWID;

-- A file is live once it has been published. Its next version is staged beside it.
CREATE TABLE files (
    file_id INTEGER PRIMARY KEY AUTOINCREMENT,
    relative TEXT NOT NULL, sha256 TEXT NOT NULL,
    live INTEGER NOT NULL DEFAULT 0, UNIQUE (relative, live)
);
CREATE TABLE skipped (
    file_id INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    relative TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE INDEX skipped_of_file ON skipped (file_id);

CREATE TABLE documents (
    document_id INTEGER PRIMARY KEY AUTOINCREMENT,
    file_id INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    doc_id TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, url TEXT NOT NULL,
    author TEXT NOT NULL, published TEXT NOT NULL, sha256 TEXT NOT NULL,
    checksum BLOB NOT NULL, text TEXT NOT NULL, UNIQUE (doc_id, file_id)
);
CREATE INDEX document_of_file ON documents (file_id);

-- The text is kept here too: k passages are k small rows, however long their documents are.
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    passage_id TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    heading TEXT NOT NULL, text TEXT NOT NULL, key BLOB NOT NULL, checksum BLOB NOT NULL,
    UNIQUE (document_id, passage_id)
);
CREATE INDEX passage_of_key ON passages (key);

-- By the sha256 of the embedded text: passages with the same text share a row.
CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, checksum BLOB NOT NULL);
"""
