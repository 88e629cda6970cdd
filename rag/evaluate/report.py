"""An evaluation as one HTML file that needs nothing else: no scripts, no requests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from rag.evaluate.charts import Series, draw_chart
from rag.evaluate.confidence import ConfidenceReport
from rag.evaluate.evaluation import Evaluation, QuestionResult, SummaryRow, summary_rows
from rag.evaluate.questions import TestQuestion
from rag.records import Citation, Hit

STRONG = re.compile(r"\*\*(\S(?:.*?\S)?)\*\*")  # the words of an answer that are marked
STYLE = """
:root { color-scheme: light dark; --text: #1b1f24; --soft: #59636e; --line: #d1d9e0;
  --page: #ffffff; --card: #f6f8fa; --good: #1a7f37; --bad: #b42318;
  --one: #0b62c4; --two: #b35900; --three: #6639ba; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9aa5b1; --line: #3a434d;
  --page: #0e1217; --card: #171d24; --good: #4cc26a; --bad: #ff7b72;
  --one: #6cb0ff; --two: #f0a35e; --three: #c297ff; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; } .wide { overflow-x: auto; }
th, td { text-align: left; padding: .25rem .75rem; border-bottom: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
details, blockquote { background: var(--card); border: 1px solid var(--line);
  border-radius: 6px; margin: .5rem 0; padding: .5rem .75rem; }
summary { cursor: pointer; } .soft { color: var(--soft); } .answer { white-space: pre-wrap; }
blockquote { margin: .25rem 0; white-space: pre-wrap; } .charts { display: flex; flex-wrap: wrap;
  align-items: flex-start; gap: 1rem; }
.passed { color: var(--good); } .failed { color: var(--bad); }
.chart { max-width: 100%; flex: none; } .chart .name { font-size: 14px; fill: var(--text); }
.chart .axis { font-size: 12px; fill: var(--soft); }
.chart .grid { stroke: var(--line); fill: none; } .chart path { stroke-width: 1.5; }
.chart .line1 { stroke: var(--one); } .chart circle.line1 { fill: var(--one); }
.chart .line2 { stroke: var(--two); } .chart circle.line2 { fill: var(--two); }
.chart .line3 { stroke: var(--three); } .chart circle.line3 { fill: var(--three); }
"""


def write_html(evaluation: Evaluation, path: str | Path) -> None:
    """Write the report; a file that is there is replaced."""
    # A lone surrogate, which a JSON string may hold, is no character: it becomes a reference.
    Path(path).write_text(
        render_html(evaluation), encoding="utf-8", errors="xmlcharrefreplace", newline="\n"
    )


def render_html(evaluation: Evaluation) -> str:
    """Return the report: the facts, the figures, the plots, then the questions, failures first."""
    failed = [result for result in evaluation.results if not result.passed]
    passed = [result for result in evaluation.results if result.passed]
    body = [
        "<h1>Evaluation</h1>",
        f'<p><span class="passed">{len(passed)} passed</span>, '
        f'<span class="failed">{len(failed)} failed</span>, '
        f"{evaluation.n_failed} of them with an error.</p>",
        _facts(evaluation),
        "<h2>Figures</h2>",
        draw_figures(summary_rows(evaluation)),
        "<h2>Confidence</h2>",
        draw_charts(evaluation.confidence),
        "<h2>Failed</h2>",
        *([_question(result, is_open=True) for result in failed] or ["<p>None.</p>"]),
        "<h2>Passed</h2>",
        *([_question(result, is_open=False) for result in passed] or ["<p>None.</p>"]),
    ]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            # whatever the articles hold, the browser fetches and runs nothing
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Evaluation</title><style>{STYLE}</style></head><body>",
            *body,
            "</body></html>\n",
        ]
    )


def _facts(evaluation: Evaluation) -> str:
    """Return the facts about the run as a table."""
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
        for name, value in evaluation.run.items()
    )
    return f'<div class="wide"><table>{rows}</table></div>' if rows else ""


def draw_figures(rows: Iterable[SummaryRow]) -> str:
    """Return the summary table; latencies are milliseconds, all else runs from 0 to 1."""
    lines = []
    for row in rows:
        digits = 1 if row.group == "latency_ms" else 3
        cells = "".join(
            f'<td class="number">{"–" if value is None else f"{value:.{digits}f}"}</td>'
            for value in (row.value, row.low, row.high)
        )
        lines.append(
            f"<tr><td>{escape(row.group)}</td><td>{escape(row.measure)}</td>{cells}"
            f'<td class="number">{row.n}</td></tr>'
        )
    return (
        '<div class="wide"><table><thead><tr><th>group</th><th>measure</th>'
        + "".join(f'<th class="number">{name}</th>' for name in ("value", "from", "to", "n"))
        + "</tr></thead><tbody>"
        + "".join(lines)
        + '</tbody></table></div><p class="soft">From and to: the 95 % bootstrap interval over '
        "the n questions.</p>"
    )


def draw_charts(confidence: ConfidenceReport) -> str:
    """Return the plots of reliability, of risk against coverage, and of what is refused."""
    bins = [one for one in confidence.reliability if one.n]
    points = confidence.risk_coverage
    supported = [(b.confidence, b.supported, f"n = {b.n}") for b in bins]
    correct = [(b.confidence, b.correct, f"n = {b.n}") for b in bins]
    refused = [
        (p.refused_answerable, p.refused_unanswerable, f"threshold {p.threshold:.3f}")
        for p in points
    ]
    charts = [
        draw_chart(
            "Reliability of the confidence",
            "mean confidence",
            "share of the questions",
            [
                Series("answered by the hits", _whole(supported)),
                Series("answered correctly", _whole(correct)),
            ],
            diagonal=True,
        ),
        draw_chart(
            "Risk and coverage",
            "coverage: share answered",
            "risk: share of those not right",
            [
                Series(
                    "by falling threshold",
                    [(p.coverage, p.risk, f"threshold {p.threshold:.3f}") for p in points],
                )
            ],
        ),
        draw_chart(
            "Refused with and without an answer",
            "answerable questions refused",
            "unanswerable questions refused",
            [Series("by threshold", _whole(refused))],
            diagonal=True,
        ),
    ]
    return f'<div class="charts">{"".join(charts)}</div>'


def _whole(
    points: Iterable[tuple[float | None, float | None, str]],
) -> list[tuple[float, float, str]]:
    """Return the points that have both values."""
    return [(x, y, label) for x, y, label in points if x is not None and y is not None]


def _question(result: QuestionResult, *, is_open: bool) -> str:
    """Return one question with all that became of it, folded unless ``is_open``."""
    question = result.question
    label = " · ".join(filter(None, [question.question_id, question.kind]))
    measured = ", ".join(f"{name} {value:.3g}" for name, value in result.measures.items())
    return "\n".join(
        [
            f"<details{' open' if is_open else ''}><summary><b>{escape(question.question)}</b> "
            f'<span class="soft">{escape(label)}</span></summary>',
            *(
                f'<p class="soft">earlier: {escape(turn.question)} – {escape(turn.answer)}</p>'
                for turn in question.history
            ),
            f'<p class="soft">expected: {escape(_expected(question))}</p>',
            *_answer(result),
            f'<p class="soft">{escape(measured)}</p></details>',
        ]
    )


def _expected(question: TestQuestion) -> str:
    """Return in words what the right outcome would have been."""
    if question.answers:
        return " / ".join(question.answers)
    if question.is_undecided:
        return "anything but the answer that was rated wrong"
    if question.evidence:
        return "in " + ", ".join(item.doc_id for item in question.evidence)
    return "refused, since the documents do not say"


def _answer(result: QuestionResult) -> list[str]:
    """Return the answer with its citations and hits, or the error in its place."""
    answer = result.answer
    if answer is None:
        return [f'<p class="failed">error: {escape(result.error)}</p>']
    facts = ["refused"] if answer.abstained else []
    facts.append(f"confidence {answer.confidence:.3f}")
    if result.latency_ms is not None:
        facts.append(f"{result.latency_ms:.0f} ms")
    if answer.query:
        facts.append(f"query: {answer.query}")
    text = STRONG.sub(r"<strong>\1</strong>", escape(answer.text))
    return [
        f'<p class="answer">{text}</p>',
        f'<p class="soft">{escape(" · ".join(facts))}</p>',
        *(_citation(citation) for citation in answer.citations),
        f"<details><summary>{len(answer.hits)} hits</summary>",
        *(_hit(hit) for hit in answer.hits),
        "</details>",
    ]


def _citation(citation: Citation) -> str:
    """Return one citation: its number, where it stands, and the quote."""
    place = f"{citation.passage.doc_id}, characters {citation.start} to {citation.end}"
    return (
        f'<blockquote>[{citation.number}] <span class="soft">{escape(place)}</span>\n'
        f"{escape(citation.quote)}</blockquote>"
    )


def _hit(hit: Hit) -> str:
    """Return one hit: its rank, score and place, and the passage."""
    place = f"{hit.passage.doc_id}, characters {hit.passage.start} to {hit.passage.end}"
    return (
        f'<blockquote>{hit.rank}. <span class="soft">{escape(place)}, score {hit.score:.3f}</span>'
        f"\n{escape(hit.passage.text)}</blockquote>"
    )
