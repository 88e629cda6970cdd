"""Where a Milvus store is: ``milvus:PATH.db``, a file, or ``milvus://HOST:PORT``, a server."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

SCHEME = "milvus:"
PORT = 19530  # Milvus's own
TOKEN, TLS = "RAG_MILVUS_TOKEN", "RAG_MILVUS_TLS"
_EXPECTED = "milvus:PATH.db or milvus://HOST:PORT"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a server asks for: a token, ``USER:PASSWORD`` or a key, and how the line is kept secret.

    ``tls`` is empty for none, ``on`` for the certificates that the system trusts, or the path of
    the authority's certificate.
    """

    token: str = field(default="", repr=False)
    tls: str = ""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Credentials:
        """Return the credentials that the environment's variables name.

        >>> Credentials.read({"RAG_MILVUS_TLS": "on"})
        Credentials(tls='on')
        """
        return cls(token=environment.get(TOKEN, ""), tls=environment.get(TLS, ""))


@dataclass(frozen=True, slots=True)
class Address:
    """A file (``path``) or a server (``host`` and ``port``), and the ``name`` of the index there.

    >>> print(Address.parse("milvus://db.example:19530", Path("/news/Articles 2025")))
    milvus://db.example:19530/Articles_2025_76ce6158
    """

    name: str
    path: Path | None = None
    host: str = ""
    port: int = PORT

    @classmethod
    def parse(cls, text: str, corpus: Path) -> Address:
        """Return the address; the index is named for the corpus unless ``/NAME`` follows a port.

        Raises:
            ValueError: if it is neither form.
        """
        if not text.startswith(SCHEME):
            raise ValueError(f"store must be {_EXPECTED}, got '{text}'")
        name = name_index(corpus.absolute().name)
        rest = text.removeprefix(SCHEME)
        if not rest.startswith("//"):
            if not rest.endswith(".db") or rest == ".db":
                raise ValueError(f"store must be {_EXPECTED}, got '{text}'; end the path with .db")
            return cls(name, path=Path(rest))
        try:
            parts = urlsplit(rest)
            host, port = parts.hostname, parts.port or PORT
        except ValueError as error:  # a port that is no number
            raise ValueError(f"store must be {_EXPECTED}, got '{text}' ({error})") from error
        if not host or parts.username or parts.query or parts.fragment:
            raise ValueError(f"store must be {_EXPECTED}, got '{text}'; the token is in ${TOKEN}")
        if given := parts.path.strip("/"):
            name = name_index(given)
        return cls(name, host=host, port=port)

    @property
    def place(self) -> str:
        """The file or the server, for a person."""
        return str(self.path) if self.path else f"{self.host}:{self.port}"

    @property
    def alias(self) -> str:
        """What Milvus knows the index as; its collections are named after it."""
        return f"footnote_{self.name}"

    def uri(self, *, secure: bool) -> str:
        """Return the address as Milvus's client takes it."""
        if self.path:
            return str(self.path.absolute())
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if secure else 'http'}://{host}:{self.port}"

    def __str__(self) -> str:
        return f"{SCHEME}{self.path}" if self.path else f"{SCHEME}//{self.place}/{self.name}"


def name_index(text: str) -> str:
    """Return a name that Milvus takes, a different one for each text.

    >>> name_index("corpus"), name_index("Zürich")
    ('corpus', 'Z_rich_d30ba93e')
    """
    plain = re.sub(r"[^A-Za-z0-9_]", "_", text)[:64]
    return plain if plain == text and text else f"{plain}_{zlib.crc32(text.encode()):08x}"
