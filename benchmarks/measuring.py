"""What every benchmark states beside its figures: intervals, machine, versions."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

SEED = 0
N_RESAMPLES = 2_000


def interval(values: Sequence[float] | NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the mean and the ends of its bootstrap 95 % interval, in percent."""
    array = np.asarray(values, dtype=float)
    draws = np.random.default_rng(SEED).choice(array, (N_RESAMPLES, len(array))).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return 100 * float(array.mean()), 100 * float(low), 100 * float(high)


def show(values: Sequence[float] | NDArray[np.float64]) -> str:
    """Return mean, interval and n as a line shows them."""
    mean, low, high = interval(values)
    return f"{mean:.1f} [{low:.1f}, {high:.1f}] (n {len(values)})"


def describe_machine() -> str:
    """Return the machine and the versions that matter."""
    packages = ("sentence-transformers", "openvino", "faiss-cpu", "tantivy")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; {versions}"
    )
