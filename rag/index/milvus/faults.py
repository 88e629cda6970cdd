"""What Milvus's errors mean to a person, and the way out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rag.index.database import IndexDamagedError
from rag.index.fingerprint import (
    Fingerprint,
    IndexMismatchError,
    find_difference,
    identify_vectors,
)
from rag.index.milvus.address import TLS, TOKEN, Address
from rag.ingest.split import SPLITTER_VERSION
from rag.records import Encoder

_REFUSED = ("UNAUTHENTICATED", "PERMISSION_DENIED")
_REFUSALS = ("auth check failure", "permission deny", "unauthenticated")  # in a status of Milvus
_AWAY = ("UNAVAILABLE", "CANCELLED")
_SLOW = ("DEADLINE_EXCEEDED",)
_CONNECT_FAILED = (2,)  # pymilvus.client.types.Status.CONNECT_FAILED


@contextmanager
def explained(address: Address, doing: str) -> Iterator[None]:
    """Give the errors of Milvus and of gRPC in the block a name, a line and a way out.

    Raises:
        PermissionError: if the server refuses who asks.
        TimeoutError: if it took too long.
        ConnectionError: if it is away, or is no Milvus.
        OSError: for whatever else it says.
    """
    import grpc
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except MilvusException as error:
        cause = error.__cause__ if isinstance(error.__cause__, grpc.RpcError) else None
        reason = " ".join(str(error.message).split())
        code = status_of(cause) if cause is not None else getattr(error.code, "name", error.code)
        raise _explain(address, doing, code, reason) from error
    except grpc.RpcError as error:
        details = error.details() if hasattr(error, "details") else ""
        raise _explain(address, doing, status_of(error), details or "no reason given") from error
    except grpc.FutureTimeoutError as error:
        raise _explain(address, doing, "DEADLINE_EXCEEDED", "no answer") from error


def status_of(error: object) -> str:
    """Return the name of the status that a call of gRPC ended with; empty if it has none."""
    code = getattr(error, "code", None)
    return str(getattr(code() if callable(code) else code, "name", ""))


def _explain(address: Address, doing: str, code: object, reason: str) -> OSError:
    lowered = reason.lower()
    where = f"the Milvus store at {address.place}"
    if code in _REFUSED or any(refusal in lowered for refusal in _REFUSALS):
        return PermissionError(f"{where} refuses {doing}: {_shorten(reason)}; set ${TOKEN}")
    if code in _SLOW or "deadline exceeded" in lowered:
        return TimeoutError(f"{where} took too long for {doing}; try again when it is less busy")
    if address.path is not None and "open local milvus failed" in lowered:
        return OSError(
            f"{where} cannot be opened; see that no other process has it open, and that its folder "
            "is there and can be written"
        )
    if code in _AWAY or code in _CONNECT_FAILED or "unavailable" in lowered:
        return ConnectionError(
            f"{where} cannot be reached for {doing}; see that it runs, that HOST:PORT is that of "
            f"its gRPC port, and whether it needs ${TLS}"
        )
    if code == "UNIMPLEMENTED":
        return ConnectionError(f"what answers at {address.place} is no Milvus; correct HOST:PORT")
    return OSError(f"{where} failed at {doing}: {_shorten(reason)}")


def _shorten(reason: str) -> str:
    return reason if len(reason) <= 200 else f"{reason[:200]} …"


def missing(address: Address) -> FileNotFoundError:
    """Return the error for a store that holds no index of this name, or half of one."""
    return FileNotFoundError(
        f"there is no index '{address.name}' in the Milvus store at {address.place}; "
        f"to build it, run: rag index CORPUS --store {address}"
    )


def damaged(address: Address, reason: str) -> IndexDamagedError:
    """Return the error for an index that contradicts itself."""
    return IndexDamagedError(
        f"the index '{address.name}' at {address.place} is damaged ({reason}); "
        f"to build it again, run: {rebuild_command(address)}"
    )


def rebuild_command(address: Address) -> str:
    """Return the command that builds the index from nothing, while the old one is served."""
    return f"rag index CORPUS --store {address} --rebuild"


def check_encoder(address: Address, found: Fingerprint, encoder: Encoder) -> None:
    """Refuse an index whose vectors are another encoder's.

    Raises:
        IndexMismatchError: saying what to run.
    """
    if found.vectors != identify_vectors(encoder):
        raise IndexMismatchError(
            f"the index '{address.name}' at {address.place} was built with the encoder "
            f"'{found.encoder}' ({found.dimension} dimensions), "
            f"{find_difference(found, encoder)} ({encoder.dimension}); use that encoder, or build "
            f"the index again: {rebuild_command(address)}"
        )


def check_splitter(address: Address, found: Fingerprint) -> None:
    """Refuse an index whose passages an earlier or later version has cut.

    Raises:
        IndexMismatchError: saying what to run.
    """
    if found.splitter != SPLITTER_VERSION:
        raise IndexMismatchError(
            f"the index '{address.name}' at {address.place} was cut by splitter {found.splitter}, "
            f"and this version has {SPLITTER_VERSION}; to bring it up to date, run: rag index "
            f"CORPUS --store {address}"
        )
