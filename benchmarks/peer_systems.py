"""One system of benchmarks/peers.py, in a process of its own: index, or answer warm, or be cold.

    python peer_systems.py SYSTEM index|warm|cold WORK MODEL

WORK holds ``texts.json`` and ``questions.json``, MODEL is the folder of the encoder. Prints a line
of JSON. It runs in the virtual environment of the peers, where the project is not installed, and
in that of the project; each system imports what it needs when it is its turn.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

K = 5
N_WARMING = 5
Ask = Callable[[str], Any]


def index_langchain(texts: list[str], folder: Path, model: str) -> Callable[[], None]:
    from langchain_community.vectorstores import FAISS
    from langchain_huggingface import HuggingFaceEmbeddings

    embeddings = HuggingFaceEmbeddings(
        model_name=model, encode_kwargs={"normalize_embeddings": True}
    )
    return lambda: FAISS.from_texts(texts, embeddings).save_local(str(folder))


def open_langchain(folder: Path, model: str) -> Ask:
    from langchain_community.vectorstores import FAISS
    from langchain_huggingface import HuggingFaceEmbeddings

    embeddings = HuggingFaceEmbeddings(
        model_name=model, encode_kwargs={"normalize_embeddings": True}
    )
    store = FAISS.load_local(str(folder), embeddings, allow_dangerous_deserialization=True)
    return lambda question: store.similarity_search(question, k=K)


def index_llamaindex(texts: list[str], folder: Path, model: str) -> Callable[[], None]:
    import faiss
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.schema import TextNode
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.vector_stores.faiss import FaissVectorStore

    embedding = HuggingFaceEmbedding(model_name=model)

    def run() -> None:
        store = FaissVectorStore(faiss_index=faiss.IndexFlatIP(384))
        context = StorageContext.from_defaults(vector_store=store)
        nodes = [TextNode(text=text) for text in texts]
        index = VectorStoreIndex(nodes, storage_context=context, embed_model=embedding)
        index.storage_context.persist(str(folder))

    return run


def open_llamaindex(folder: Path, model: str) -> Ask:
    from llama_index.core import StorageContext, load_index_from_storage
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.vector_stores.faiss import FaissVectorStore

    embedding = HuggingFaceEmbedding(model_name=model)
    store = FaissVectorStore.from_persist_dir(str(folder))
    context = StorageContext.from_defaults(vector_store=store, persist_dir=str(folder))
    index = load_index_from_storage(context, embed_model=embedding)
    retriever = index.as_retriever(similarity_top_k=K)
    return lambda question: retriever.retrieve(question)


def index_txtai(texts: list[str], folder: Path, model: str) -> Callable[[], None]:
    from txtai import Embeddings

    embeddings = Embeddings(path=model, content=True)

    def run() -> None:
        embeddings.index(texts)
        embeddings.save(str(folder))

    return run


def open_txtai(folder: Path, model: str) -> Ask:
    from txtai import Embeddings

    embeddings = Embeddings()
    embeddings.load(str(folder))
    return lambda question: embeddings.search(question, K)


def index_footnote(texts: list[str], folder: Path, model: str) -> Callable[[], None]:
    from rag.index import update_index
    from rag.index.compiler import load_encoder

    encoder, _ = load_encoder(model, cache=folder / "encoder")
    return lambda: check_count(update_index(folder.parent / "corpus", folder, encoder), texts)


def check_count(report: Any, texts: list[str]) -> None:
    if report.n_passages != len(texts) or report.n_encoded != len(texts):
        raise ValueError(f"all {len(texts)} texts must be passages of their own, got {report}")


def open_footnote(folder: Path, model: str) -> Ask:
    """Return the same search as the peers': encode the question, compare the vectors."""
    from rag.index import Index
    from rag.index.compiler import load_encoder

    encoder, _ = load_encoder(model, cache=folder / "encoder")
    index = Index.open(folder, encoder)

    def ask(question: str) -> object:
        near = index.search_dense(encoder.encode_queries([question])[0], K)
        return index.passages([row_id for row_id, _ in near])

    return ask


def open_footnote_hybrid(folder: Path, model: str) -> Ask:
    """Return the project's whole retrieval: both rankings, fused and compared term by term."""
    from rag import Chatbot

    bot = Chatbot.from_corpus(folder.parent / "corpus", folder=folder, model=model, update=False)
    return lambda question: bot.retrieve(question, k=K)


INDEX = {
    "footnote": index_footnote,
    "langchain": index_langchain,
    "llamaindex": index_llamaindex,
    "txtai": index_txtai,
}
OPEN = {
    "footnote": open_footnote,
    "footnote hybrid": open_footnote_hybrid,
    "langchain": open_langchain,
    "llamaindex": open_llamaindex,
    "txtai": open_txtai,
}


def main() -> None:
    system, action, work, model = sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]
    folder = work / system.partition(" ")[0]
    questions = json.loads((work / "questions.json").read_text(encoding="utf-8"))
    figures: dict[str, Any] = {}
    if action == "index":
        texts = json.loads((work / "texts.json").read_text(encoding="utf-8"))
        folder.mkdir(exist_ok=True)
        for path in folder.iterdir():
            if path.name not in ("encoder", "reader"):  # compiled once, as a model is downloaded
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        run = INDEX[system](texts, folder, model)
        started, cpu = time.perf_counter(), time.process_time()
        run()
        figures["passages_per_second"] = len(texts) / (time.perf_counter() - started)
        figures["passages_per_cpu_second"] = len(texts) / (time.process_time() - cpu)
    else:
        ask = OPEN[system](folder, model)
        n_first = 1 if action == "cold" else N_WARMING
        for question in questions[:n_first]:
            ask(question)
        if action == "warm":
            wall, cpu = [], []
            for question in questions[n_first:]:
                started = time.perf_counter(), time.process_time()
                ask(question)
                wall.append(1000 * (time.perf_counter() - started[0]))
                cpu.append(1000 * (time.process_time() - started[1]))
            figures |= {"wall_ms": wall, "cpu_ms": cpu}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
