"""What an index was built with, and the refusal to read it with anything else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag.index.location import index_command, rebuild_command
from rag.ingest.formats import READERS_VERSION
from rag.ingest.split import SPLITTER_VERSION
from rag.records import Encoder

FORMAT = 3  # raised with every change of the tables or of what a column means


class IndexMismatchError(ValueError):
    """The index was built with another encoder, splitter or format than the one asked for."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an index was built with; ``size`` is the tokens of a passage.

    ``settings_sha256`` is empty for an encoder that has nothing to set, see `ModelFiles`. An index
    that does not say which readers read its files is of the first ones.
    """

    format: int
    encoder: str
    weights_sha256: str
    settings_sha256: str
    dimension: int
    size: int
    splitter: int
    readers: int = 1

    @classmethod
    def of(cls, encoder: Encoder, size: int) -> Fingerprint:
        """Return the fingerprint of an index that is built with these."""
        return cls(
            format=FORMAT,
            encoder=encoder.name,
            weights_sha256=encoder.weights_sha256,
            settings_sha256=settings_of(encoder),
            dimension=encoder.dimension,
            size=size,
            splitter=SPLITTER_VERSION,
            readers=READERS_VERSION,
        )

    @property
    def vectors(self) -> tuple[str, str, str, int]:
        """What the vectors depend on: those of two indexes compare only where it is equal."""
        return self.encoder, self.weights_sha256, self.settings_sha256, self.dimension

    def is_outdated(self, size: int) -> bool:
        """Return whether this version would read files otherwise, or cut them to this size so."""
        here = (self.size, self.splitter, self.readers)
        return here != (size, SPLITTER_VERSION, READERS_VERSION)


def identify_vectors(encoder: Encoder) -> tuple[str, str, str, int]:
    """Return what vectors of an encoder are known by, as `Fingerprint.vectors`."""
    return encoder.name, encoder.weights_sha256, settings_of(encoder), encoder.dimension


def settings_of(encoder: Encoder) -> str:
    """Return what identifies how an encoder pools, prompts and cuts, where it says so."""
    return str(getattr(encoder, "settings_sha256", ""))


def check_format(folder: Path, found: int) -> None:
    """Refuse an index whose tables this version does not know.

    Raises:
        IndexMismatchError: saying what to run.
    """
    if found != FORMAT:
        raise IndexMismatchError(
            f"the index in '{folder}' has format {found}, and this version reads {FORMAT}; "
            f"to build it again, run: {rebuild_command(folder)}"
        )


def find_difference(found: Fingerprint, encoder: Encoder) -> str:
    """Return in what an encoder differs from the one that an index was built with."""
    if found.encoder != encoder.name:
        return f"not '{encoder.name}'"
    same_weights = found.weights_sha256 == encoder.weights_sha256
    return "other settings" if same_weights else "other weights"


def check_encoder(folder: Path, found: Fingerprint, encoder: Encoder) -> None:
    """Refuse an index whose vectors are another encoder's.

    Raises:
        IndexMismatchError: saying what to run.
    """
    if found.vectors != identify_vectors(encoder):
        raise IndexMismatchError(
            f"the index in '{folder}' was built with the encoder '{found.encoder}' "
            f"({found.dimension} dimensions), {find_difference(found, encoder)} "
            f"({encoder.dimension}); use that encoder, "
            f"or build the index again: {rebuild_command(folder)}"
        )


def check_splitter(folder: Path, found: Fingerprint) -> None:
    """Refuse an index whose passages an earlier or later version has cut.

    Raises:
        IndexMismatchError: saying what to run.
    """
    if found.splitter != SPLITTER_VERSION:
        raise IndexMismatchError(
            f"the index in '{folder}' was cut by splitter {found.splitter}, and this version has "
            f"{SPLITTER_VERSION}; to bring it up to date, run: {index_command(folder)}"
        )
