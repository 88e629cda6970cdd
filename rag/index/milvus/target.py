"""Which version of an index a run writes, whether it may, and when readers switch to it."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rag.index.fingerprint import Fingerprint
from rag.index.lock import LockedError
from rag.index.milvus.faults import check_encoder
from rag.index.milvus.published import Published
from rag.index.milvus.records import Version
from rag.index.milvus.runs import Edition, Head, Run, Shard
from rag.index.milvus.server import Server
from rag.records import Encoder

LEASE = 600.0  # seconds after which a run that writes nothing is taken for dead
MOST_RUNS = 1000  # publications of a version: every search names them all, and a rebuild folds them


@dataclass(frozen=True, slots=True)
class Target:
    """Where a run writes: a version, and what is published of it and of the one that is served."""

    here: Published
    served: Published | None

    @property
    def version(self) -> Version:
        """The version that is written."""
        return self.here.version

    @property
    def edition(self) -> Edition:
        """What is published of it."""
        return self.here.edition

    @property
    def is_served(self) -> bool:
        """Whether readers open it already."""
        return self.here is self.served


def choose_target(server: Server, encoder: Encoder, size: int, rebuild: bool) -> Target:
    """Return the version to write: the one that is served, or the next one, made if need be.

    Raises:
        IndexMismatchError: if the one that is served has another encoder, and is not to be rebuilt.
        LockedError: if somebody is building the next one with another encoder.
    """
    version = Version.served(server)
    edition = version.edition() if version else None
    served = Published(version, edition) if version and edition else None
    if served is not None and not rebuild:
        head = served.edition.head
        check_encoder(server.address, head.fingerprint, encoder)
        if not head.fingerprint.is_outdated(size) and len(served.edition.runs) < MOST_RUNS:
            served.version.load()
            return Target(served, served)
    fingerprint = Fingerprint.of(encoder, size)
    number, before = (served.version.number, served.edition.number) if served else (0, 0)
    following = Version.numbered(server, number + 1)
    found = following.head()
    if found is not None and found.fingerprint != fingerprint:
        check_alone(following, following.runs(), None)
        following.drop()  # what is left of a rebuild with another encoder
        found = None
    if found is None:
        following.make(Head(fingerprint, before))
    following.load()
    begun = following.edition() or Edition(Head(fingerprint, before), ())
    return Target(Published(following, begun), served)


def check_alone(version: Version, runs: Sequence[Run], shard: Shard | None) -> None:
    """Refuse to write beside a run that may write the same files; drop those that are dead.

    Raises:
        LockedError: saying who is writing.
    """
    for run in runs:
        if run.published or (shard and run.shard.of == shard.of and run.shard != shard):
            continue
        # The lock of this machine is held: a run of the shard that began here has been killed.
        is_own = run.shard == shard and run.host == socket.gethostname()
        if not is_own and time.time() - run.touched < LEASE:
            raise LockedError(
                f"shard {run.shard} of the index '{version.server.address.name}' is being written "
                f"on {run.host}; wait until that ends, or {LEASE / 60:.0f} minutes if it was killed"
            )
        if run.shard != shard:
            version.drop_run(run)


def serve_if_whole(target: Target) -> None:
    """Switch readers to a new version once a run of every shard of it is published."""
    if target.is_served:
        return
    version = target.version
    published = {run.shard for run in version.runs() if run.published}
    if not any(
        all(Shard(number, of) in published for number in range(1, of + 1))
        for of in {shard.of for shard in published}
    ):
        return
    version.load()
    version.server.settle(version.passages)
    version.server.point(version.server.address.alias, version.passages)
    if version.number > 2:  # the one before stays for those who have it open
        Version.numbered(version.server, version.number - 2).drop()
