"""How well the hits of one question cover its evidence, by rank and by characters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.evaluate.questions import Evidence
from rag.evaluate.rankings import measure_run
from rag.evaluate.spans import (
    Span,
    find_quote,
    intersect_spans,
    merge_spans,
    overlaps,
    total_length,
)
from rag.records import Document, Hit, Passage

RANKING_MEASURES = ("hit@1", "hit@5", "recall@5", "mrr@10", "ndcg@10")
PASSAGE_MEASURES = tuple(f"passage_{name}" for name in RANKING_MEASURES)
SPAN_MEASURES = ("span_recall@5", "span_precision@5", "span_iou@5")
DEPTH = 10  # how many hits the measures look at
SPAN_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Target:
    """One piece of evidence to be found.

    ``spans`` are all places of the quote in the document, any of which will do; ``None`` where
    there is no quote and the document itself is the target. A quote that stands nowhere has no
    places and is never found.
    """

    doc_id: str
    spans: tuple[Span, ...] | None

    def is_covered_by(self, passage: Passage) -> bool:
        """Whether the passage shares a character with the target."""
        if passage.doc_id != self.doc_id:
            return False
        extent = (passage.start, passage.end)
        return self.spans is None or any(overlaps(extent, span) for span in self.spans)


def locate_evidence(
    evidence: Sequence[Evidence], find_document: Callable[[str], Document]
) -> list[Target]:
    """Return the targets of the evidence, in order and each once.

    ``find_document`` raises ``LookupError`` or ``ValueError`` for an unknown id; a quote from an
    unknown document stands nowhere.
    """
    targets: dict[Target, None] = {}
    for item in evidence:
        spans: tuple[Span, ...] | None = None
        if item.quote.strip():
            try:
                spans = tuple(find_quote(find_document(item.doc_id).text, item.quote))
            except (LookupError, ValueError):
                spans = ()
        targets[Target(item.doc_id, spans)] = None
    return list(targets)


def measure_ranking(hits: Sequence[Hit], targets: Sequence[Target]) -> dict[str, float]:
    """Return ``hit@1 hit@5 recall@5 mrr@10 ndcg@10`` of hits, best first, for some targets.

    What is judged is the evidence, not the passage: the ranking that is measured lists, for every
    hit in turn, the targets that it is the first to cover, or else a place with nothing relevant.
    So ``hit@k`` and ``mrr`` speak of hits; a second passage on evidence already found takes its
    place and gains nothing; a passage that covers two targets is as good as two passages that
    cover one each. ``recall@5`` is the share of the targets that the first five hits cover.
    ``ndcg@10`` is 1 where nothing irrelevant stands before the last target. No targets give no
    measures, no hits give 0.
    """
    if not targets:
        return {}
    qrels = {"q": {f"target {number}": 1 for number in range(len(targets))}}
    first_five, all_hits = (_list_targets(hits[:depth], targets) for depth in (5, DEPTH))
    ranking_names = [name for name in RANKING_MEASURES if name != "recall@5"]
    measured = measure_run(qrels, {"q": all_hits}, ranking_names)["q"]
    # Five hits may cover more than five targets, so the cutoff is on hits and not on targets.
    no_cutoff = f"recall@{max(1, len(first_five))}"
    measured["recall@5"] = measure_run(qrels, {"q": first_five}, [no_cutoff])["q"][no_cutoff]
    return {name: measured[name] for name in RANKING_MEASURES}


def measure_documents(hits: Sequence[Hit], targets: Sequence[Target]) -> dict[str, float]:
    """Return `measure_ranking` of the documents: each stands where its first passage does."""
    documents = {hit.passage.doc_id: hit for hit in reversed(hits)}
    ranking = sorted(documents.values(), key=lambda hit: hit.rank)
    return measure_ranking(ranking, list({Target(target.doc_id, None) for target in targets}))


def measure_passages(hits: Sequence[Hit], targets: Sequence[Target]) -> dict[str, float]:
    """Return `measure_ranking` of the passages, as ``passage_hit@1`` …; `{}` without any quote."""
    if all(target.spans is None for target in targets):
        return {}
    measured = measure_ranking(hits, targets)
    return {f"passage_{name}": value for name, value in measured.items()}


def _list_targets(hits: Sequence[Hit], targets: Sequence[Target]) -> dict[str, float]:
    """Return the ranking of the targets by first cover, as scores without ties."""
    ranking: dict[str, float] = {}
    for place, hit in enumerate(hits):
        covered = [
            name
            for number, target in enumerate(targets)
            if (name := f"target {number}") not in ranking and target.is_covered_by(hit.passage)
        ]
        for name in covered or [f"hit {place}"]:
            ranking[name] = -float(len(ranking))
    return ranking


def measure_spans(hits: Sequence[Hit], targets: Sequence[Target]) -> dict[str, float]:
    """Return ``span_recall@5 span_precision@5 span_iou@5`` of hits, best first, in characters.

    With the first five passages, ``covered`` the length of the evidence that they cover, each
    character once, ``evidence`` its whole length and ``retrieved`` the sum of the lengths of the
    passages, overlaps counted twice:

        recall = covered / evidence
        precision = covered / retrieved
        iou = covered / (retrieved + evidence - covered)

    A quote that stands in several places counts where it is covered best, the first of equals.
    No hits give 0. No targets, or one without a place in the text, give no measures.

    Source: Smith and Troynikov, Evaluating chunking strategies for retrieval, Chroma technical
    report 2024.
    """
    if not targets or not all(target.spans for target in targets):
        return {}
    passages = [hit.passage for hit in hits[:SPAN_DEPTH]]
    retrieved = sum(passage.end - passage.start for passage in passages)
    evidence = covered = 0
    for doc_id in dict.fromkeys(target.doc_id for target in targets):
        extents = [(p.start, p.end) for p in passages if p.doc_id == doc_id]
        references = merge_spans(
            max(target.spans, key=lambda span: total_length(intersect_spans([span], extents)))
            for target in targets
            if target.doc_id == doc_id and target.spans
        )
        evidence += total_length(references)
        covered += total_length(intersect_spans(references, extents))
    values = (
        covered / evidence,
        covered / retrieved if retrieved else 0.0,
        covered / (retrieved + evidence - covered),
    )
    return dict(zip(SPAN_MEASURES, values, strict=True))
