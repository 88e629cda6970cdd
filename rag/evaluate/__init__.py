"""Test questions → measures, comparison of runs, report."""

from rag.evaluate.compare import Comparison, MeasureChange, compare_runs, read_run
from rag.evaluate.evaluation import Evaluation, QuestionResult, SummaryRow, summary_rows
from rag.evaluate.intervals import Figure
from rag.evaluate.questions import TestQuestion, read_questions
from rag.evaluate.report import write_html
from rag.evaluate.run import Askable, run_evaluation

__all__ = [
    "Askable",
    "Comparison",
    "Evaluation",
    "Figure",
    "MeasureChange",
    "QuestionResult",
    "SummaryRow",
    "TestQuestion",
    "compare_runs",
    "read_questions",
    "read_run",
    "run_evaluation",
    "summary_rows",
    "write_html",
]
