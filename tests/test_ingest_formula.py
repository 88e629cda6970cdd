from __future__ import annotations

from typing import Any

import pytest
from trafilatura import load_html

from rag.ingest.formula import write_formula

NAMES = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def mathml(inner: str) -> Any:
    return load_html(f"<html><body><p><math>{inner}</math></p></body></html>").find(".//math")


def word_math(inner: str) -> Any:
    from docx.oxml import parse_xml

    return parse_xml(f"<m:oMath {NAMES}>{inner}</m:oMath>")


def run(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("inner", "written"),
    [
        ("<msup><mn>10</mn><mrow><mo>−</mo><mn>6</mn></mrow></msup>", "10⁻⁶"),
        ("<msup><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></msup>", "(a+b)²"),
        ("<msub><mi>x</mi><mi>max</mi></msub>", "x_max"),
        ("<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>", "x₁²"),
        ("<mn>2</mn><mfrac><mn>1</mn><mn>2</mn></mfrac>", "2 1/2"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>", "((a+b)/c)"),
        ("<msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt>", "√(x+1)"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", "³√x"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a, b)"),
        (
            "<semantics><mrow><mi>x</mi></mrow><annotation>\\LaTeX</annotation></semantics>",
            "x",
        ),
        ("<msup><mi>lone</mi></msup>", "lone"),
    ],
)
def test_a_formula_of_a_page_is_written_in_a_line(inner: str, written: str) -> None:
    assert write_formula(mathml(inner)) == written


@pytest.mark.parametrize(
    ("inner", "written"),
    [
        (f"<m:sSup><m:sSupPr/><m:e>{run('10')}</m:e><m:sup>{run('6')}</m:sup></m:sSup>", "10⁶"),
        (f"<m:f><m:fPr/><m:num>{run('1')}</m:num><m:den>{run('2')}</m:den></m:f>", "1/2"),
        (f"<m:rad><m:radPr/><m:deg/><m:e>{run('x')}</m:e></m:rad>", "√x"),
        (
            f'<m:d><m:dPr><m:begChr m:val="|"/><m:endChr m:val="|"/></m:dPr>'
            f"<m:e>{run('x')}</m:e></m:d>",
            "|x|",
        ),
        (
            f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{run("i=1")}</m:sub>'
            f"<m:sup>{run('n')}</m:sup><m:e>{run('i')}</m:e></m:nary>",
            "∑_(i=1)ⁿ i",
        ),
        (f"{run('n ')}{run('= 12')}", "n = 12"),
    ],
)
def test_a_formula_of_word_is_written_in_a_line(inner: str, written: str) -> None:
    assert write_formula(word_math(inner)) == written


def test_a_formula_that_is_nested_without_end_is_written() -> None:
    inner = f"{'<m:d><m:e>' * 100}{run('x')}{'</m:e></m:d>' * 100}"
    assert "x" in write_formula(word_math(inner))
