"""OpenVINO, without what it brings along: opens a network from its files and runs it."""

from __future__ import annotations

import importlib
import mmap
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

TELEMETRY, CONVERTER = "openvino_telemetry", "openvino.tools.ovc"

_importing = Lock()


class Network:
    """A network in an OpenVINO ``.xml`` and ``.bin``, ready to run on this CPU; any thread may.

    Its file is mapped, not read. On its first run OpenVINO packs the weights as the CPU likes them,
    into memory of its own, and later looks into the file for little but the embeddings of tokens.
    So after each run the pages of the file are let go, 20 to 40 MB of them; what is needed again
    comes back by itself, in no time that can be measured.
    """

    def __init__(self, path: Path, precision: str) -> None:
        settings = {
            # One stream over all cores: as fast for batches as several, and faster for a question.
            # OpenVINO's CACHE_DIR would save 0.15 s here, but nothing vouches for what it keeps.
            "PERFORMANCE_HINT": "LATENCY",
            # Another CPU than the one of the time may lack the units, and would emulate them.
            "INFERENCE_PRECISION_HINT": precision if precision == fastest_precision() else "f32",
        }
        openvino = import_openvino()
        with path.with_suffix(".bin").open("rb") as file:
            # OpenVINO asks for memory that it may write to, and writes nothing.
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        weights = np.frombuffer(mapped, np.uint8)
        core = openvino.Core()
        graph = core.read_model(path.read_bytes(), openvino.Tensor(weights, shared_memory=True))
        self._model = core.compile_model(graph, "CPU", settings)
        self._mapped, self._weights = mapped, weights  # the model does not keep them alive

    def run(self, arrays: Mapping[str, NDArray[Any]]) -> Any:
        """Return the outputs, by number, for inputs by name.

        A request of its own (0.3 ms) allows that threads share the network. The asynchronous queue
        would do the same, but with OpenVINO 2026.4 now and then aborts the process when Python
        exits.
        """
        inputs = [arrays[port.any_name] for port in self._model.inputs]
        outputs = self._model.create_infer_request().infer(inputs, share_inputs=True)
        if hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
            self._mapped.madvise(mmap.MADV_DONTNEED)
        return outputs


def fastest_precision() -> str:
    """Return the precision that this CPU computes fastest with: ``bf16``, ``f16`` or ``f32``."""
    hint = import_openvino().Core().get_property("CPU", "INFERENCE_PRECISION_HINT")
    return str(hint.get_type_name())


def import_openvino() -> ModuleType:
    """Return openvino, imported without its telemetry and without its converter.

    The one would report each import to a web analytics service, and keep an identifier for it in
    the home folder, unless the person has opted out; the other takes longer than all the rest.
    OpenVINO does without either where it is not installed.
    """
    with _importing:
        if "openvino" not in sys.modules:
            with _hidden(TELEMETRY, CONVERTER):
                importlib.import_module("openvino")
        return importlib.import_module("openvino")


def import_converter() -> ModuleType:
    """Return the part of openvino that makes models of torch's, imported without its telemetry."""
    import_openvino()
    with _importing, _hidden(TELEMETRY):
        return importlib.import_module("openvino.tools.ovc")


@contextmanager
def _hidden(*names: str) -> Iterator[None]:
    """Let Python believe that there are no such modules; what was imported is so again after."""
    imported = {name: sys.modules[name] for name in names if name in sys.modules}
    hidden: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]
    hidden.update(dict.fromkeys(names))
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
        sys.modules.update(imported)
