import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from rag.index.compiled import CompiledEncoder
from rag.index.compiler import load_encoder


def read_resident(folder: Path) -> list[int]:
    """Return how many kB this process has in memory of each mapped file below the folder."""
    sizes: list[int] = []
    is_meant = False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            is_meant = f" {folder}/" in line
        elif is_meant and line.startswith("Rss:"):
            sizes.append(int(line.split()[1]))
    return sizes


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells of a process")
def test_a_network_that_has_run_keeps_nothing_of_its_file_in_memory(
    models: Path, tmp_path: Path
) -> None:
    load_encoder(cache=models / "encoder")  # compiled there once for all tests, which still use it
    shutil.copytree(models / "encoder", tmp_path, dirs_exist_ok=True)
    encoder, _ = load_encoder(cache=tmp_path)
    assert any(read_resident(tmp_path))
    encoder.encode_passages(["The trams of Graz.", "a longer text " * 100])
    (resident,) = read_resident(tmp_path)
    assert resident == 0


def test_a_network_finds_again_what_it_has_let_go(encoder: CompiledEncoder) -> None:
    texts = ["The trams of Graz.", "a longer text " * 100]
    first = encoder.encode_passages(texts)
    encoder.encode_passages(["Other words, other embeddings."])
    np.testing.assert_array_equal(encoder.encode_passages(texts), first)
