"""Small files that are made to cost a parser minutes, gigabytes, or the machine's secrets."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping

import docx

Bombs = Mapping[str, Callable[[], bytes]]


def pdf(*objects: bytes, root: int = 1) -> bytes:
    """A PDF of these objects, numbered from 1, with a table of where they are."""
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, content in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (len(objects) + 1, root))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def stream(content: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), extra, content)


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
ONE_PAGE = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def page_of(content: bytes, extra: bytes = b"") -> bytes:
    """A PDF of one page with this content stream."""
    return pdf(CATALOG, ONE_PAGE, PAGE, stream(content, extra), FONT)


def good_pdf(text: str) -> bytes:
    return page_of(b"BT /F 12 Tf 72 720 Td (%s) Tj ET" % text.encode("latin-1"))


def _squeezed(unit: bytes, n: int, times: int = 1) -> bytes:
    packer = zlib.compressobj(9)
    content = b"".join(packer.compress(unit) for _ in range(n)) + packer.flush()
    for _ in range(times - 1):
        content = zlib.compress(content, 9)
    return content


def _pages_without_end() -> bytes:
    kids = b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>"
    return pdf(CATALOG, kids, b"<< /Type /Pages /Kids [2 0 R] /Parent 2 0 R /Count 1 >>")


def _pages_as_a_tree_of_one() -> bytes:
    """Nine levels of pages, each naming the next ten times: a billion pages."""
    levels = [
        b"<< /Type /Pages /Count 1000000000 /Kids [%s] >>" % (b"%d 0 R " % (number + 1) * 10)
        for number in range(2, 11)
    ]
    return pdf(CATALOG, *levels, b"<< /Type /Page >>")


def _form_in_itself() -> bytes:
    form = (
        b"<< /Type /XObject /Subtype /Form /Resources << /XObject << /X 4 0 R >> >> /Length 12 >>"
    )
    page = (
        b"<< /Type /Page /Parent 2 0 R /Contents 5 0 R /Resources << /XObject << /X 4 0 R >> >> >>"
    )
    inner = form + b"\nstream\n/X Do /X Do \nendstream"
    return pdf(CATALOG, ONE_PAGE, page, inner, stream(b"/X Do"))


PDF_BOMBS: Bombs = {
    "pages-loop.pdf": _pages_without_end,
    "pages-tree.pdf": _pages_as_a_tree_of_one,
    "many-pages.pdf": lambda: pdf(
        CATALOG,
        b"<< /Type /Pages /Count 90000 /Kids [%s] >>" % (b"3 0 R " * 90_000),
        b"<< /Type /Page /Parent 2 0 R >>",
    ),
    "form-in-itself.pdf": _form_in_itself,
    "deep-array.pdf": lambda: pdf(CATALOG, b"[" * 200_000 + b"]" * 200_000),
    "flate.pdf": lambda: page_of(_squeezed(b"\0" * 1_000_000, 2_000), b"/Filter /FlateDecode"),
    "flate-twice.pdf": lambda: page_of(
        _squeezed(b"(a) Tj " * 100_000, 1_000, times=2), b"/Filter [/FlateDecode /FlateDecode]"
    ),
    "operators.pdf": lambda: page_of(
        _squeezed(b"BT /F 9 Tf (a) Tj ET\n" * 10_000, 300), b"/Filter /FlateDecode"
    ),
    "previous-loop.pdf": lambda: page_of(b"").replace(b"/Root 1", b"/Prev 9 /Root 1"),
    "numbers.pdf": lambda: page_of(b"9" * 3_000_000 + b" Tj"),
}


def word(body: str = "<w:p><w:r><w:t>Text.</w:t></w:r></w:p>", head: str = "") -> bytes:
    """A Word document with this XML as its body; ``head`` stands before the root."""
    made = io.BytesIO()
    docx.Document().save(made)
    out = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                declaration, rest = content.decode().split("?>", 1)
                rest = rest.replace("<w:body>", f"<w:body>{body}", 1)
                content = f"{declaration}?>{head}{rest}".encode()
            new.writestr(name, content)
    return out.getvalue()


def _zip_bomb() -> bytes:
    out = io.BytesIO(word())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/image1.png", bytes(300_000_000))
    return out.getvalue()


def _laughs() -> str:
    lines = ['<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    return f"<!DOCTYPE w:document [{''.join(lines)}]>"


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


WORD_BOMBS: Bombs = {
    "zip.docx": _zip_bomb,
    "deep.docx": lambda: word("<w:sdt>" * 100_000 + "</w:sdt>" * 100_000),
    "deep-in-limits.docx": lambda: word("<w:sdt>" * 200 + _paragraph("x") + "</w:sdt>" * 200),
    "wide.docx": lambda: word("".join(_paragraph(str(n * 7_919)) for n in range(700_000))),
    "laughs.docx": lambda: word(_paragraph("&a11;"), _laughs()),
    "secret.docx": lambda: word(
        _paragraph("&x;"), '<!DOCTYPE w:document [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    ),
    "attributes.docx": lambda: word(
        "<w:p " + " ".join(f'a{n}="{n}"' for n in range(200_000)) + "/>"
    ),
}

HTML_BOMBS: Bombs = {
    "deep.html": lambda: b"<div>" * 900_000,
    "wide.html": lambda: b"<p>Some words are here." * 200_000,
    "tables.html": lambda: b"<table><tr><td>" * 100_000,
    "inline.html": lambda: b"<b><i>a" * 300_000,
    "attribute.html": lambda: b"<p title='" + b"a" * 4_900_000 + b"'>Text.",
    "entities.html": lambda: b"&amp;&#x41;&nbsp;" * 250_000,
    "unclosed.html": lambda: b"<a href=" * 600_000,
    "comments.html": lambda: b"<!--" * 1_200_000,
    "links.html": lambda: b"<a href='https://example.org'>x</a> " * 130_000,
    "json.html": lambda: b"<script type='application/ld+json'>" + b"[" * 4_000_000 + b"</script>",
}

TEXT_BOMBS: Bombs = {
    "line.txt": lambda: b"a" * 2_000_000,
    "nul.txt": lambda: b"text\0" * 100_000,
    "utf-7.txt": lambda: b"+ADw-script+AD4-alert(1)+ADw-/script+AD4- and a text. " * 10,
    "utf-16.txt": lambda: "\ud800".encode("utf-16-le", "surrogatepass") * 100_000,
    "mark.txt": lambda: b"\xff\xfe" + b"\x00\xd8" * 100_000,
    "aliases.md": lambda: _aliases(),
    "deep-yaml.md": lambda: b"---\na: " + b"[" * 9_000 + b"\n---\nText.",
    "tag.md": lambda: b'---\ntitle: !!python/object/apply:os.system ["true"]\n---\nText.',
    "headings.md": lambda: b"# x\n" * 50_000,
    "brackets.md": lambda: b"[a](" * 100_000,
    "deep.jsonl": lambda: b'{"_id": "1", "text": ' + b"[" * 500_000 + b"}\n",
    "line.jsonl": lambda: b'{"_id": "1", "text": "' + b"a" * 6_000_000 + b'"}\n',
    "number.jsonl": lambda: b'{"_id": ' + b"9" * 100_000 + b', "text": "x"}\n',
    "keys.jsonl": lambda: b'{"_id": "1", "text": "One.", ' + b'"a": 1, ' * 200_000 + b'"b": 1}\n',
}


def _aliases() -> bytes:
    """Front matter in which each line names the one before nine times: nine to the eleventh."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for n in range(1, 11):
        lines.append(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]")
    return "\n".join(["---", *lines, "title: *a10", "---", "Text."]).encode()


BOMBS: Bombs = {**PDF_BOMBS, **WORD_BOMBS, **HTML_BOMBS, **TEXT_BOMBS}
