"""A query -> its vector without the embedding model: one row a WordPiece token, added up.

The table is fitted (distil.py) so that the sum points where the model would put the text. It lies in four files,
in the package for the default model, under .paperdiary/query-encoder for one fitted to another:

    table.json   made_for, identity, d, rows, and how well it did
    vocab.txt    a token a line; the line's number (from 0) is the token's id, the most frequent come first
    rows.npy     (n, d) int8; tokens with an id of n or more have no row and count for nothing
    scale.npy    (n,) float32; a token's vector is its row times its scale
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paperdiary import embed
from paperdiary.config import Options
from paperdiary.errors import DiaryError
from paperdiary.store import Store, write_atomic

if TYPE_CHECKING:
    import numpy as np
    from tokenizers import Tokenizer

PACKAGED = Path(__file__).parent / "data" / "query-encoder"
UNKNOWN = "[UNK]"
LONGEST_WORD = 100  #: characters; BERT's own limit, a longer word is unknown
MOST_TOKENS = 256  #: of a text, as many as the default model reads
LONGEST_TEXT = 10_000  #: characters of a text that are read


class QueryEncoder:
    """One table; nothing of it is read before it is needed."""

    def __init__(self, folder: Path) -> None:
        """Open the table in `folder`.

        Raises:
            DiaryError: a file is missing or damaged.
        """
        self.folder = folder
        try:
            head = json.loads((folder / "table.json").read_text(encoding="utf-8"))
            self.identity: str = head["identity"]  #: short hash of rows, scales and vocabulary
            self.made_for: str = head["made_for"]  #: `embed.identity` of the model it stands for
            self.about: dict[str, Any] = head
            self._shape = (int(head["rows"]), int(head["d"]))
        except (OSError, ValueError, LookupError, TypeError):
            raise self._damaged() from None

    def _damaged(self) -> DiaryError:
        remedy = "Install paperdiary again" if self.folder == PACKAGED else "Delete that folder and run `diary build`"
        return DiaryError(f"The query encoder in {self.folder} is damaged or incomplete. {remedy}.")

    @cached_property
    def rows(self) -> np.ndarray[Any, np.dtype[np.int8]]:
        """(n, d) int8, mapped: only the pages that a query needs are read."""
        values: np.ndarray[Any, np.dtype[np.int8]] = self._array("rows.npy", "int8", self._shape)
        return values

    @cached_property
    def scale(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """(n,) float32."""
        values: np.ndarray[Any, np.dtype[np.float32]] = self._array("scale.npy", "float32", self._shape[:1])
        return values

    def _array(self, name: str, dtype: str, shape: tuple[int, ...]) -> Any:
        import numpy as np

        try:
            values = np.load(self.folder / name, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            raise self._damaged() from None
        if values.dtype != dtype or values.shape != shape:
            raise self._damaged()
        return values

    @cached_property
    def vocab(self) -> list[str]:
        """Tokens by id."""
        try:
            text = (self.folder / "vocab.txt").read_bytes().decode("utf-8")
        except (OSError, ValueError):
            raise self._damaged() from None
        tokens = text.removesuffix("\n").split("\n")
        if UNKNOWN not in tokens or len(tokens) < self._shape[0]:
            raise self._damaged()
        return tokens

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return tokenizer(self.vocab)

    @cached_property
    def _unknown(self) -> int:
        return self.vocab.index(UNKNOWN)

    def tokens(self, text: str) -> list[int]:
        """Ids of the first 256 tokens, without [CLS], [SEP] and [UNK]; those of n or more have no row."""
        return self._known(self._tokenizer.encode(_readable(text), add_special_tokens=False).ids)

    def _known(self, ids: list[int]) -> list[int]:
        return [i for i in ids if i != self._unknown][:MOST_TOKENS]

    def encode(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """(n, d) float32 unit vectors; zeros where a text has no token with a row."""
        import numpy as np

        out = np.zeros((len(texts), self._shape[1]), dtype=np.float32)
        encodings = self._tokenizer.encode_batch([_readable(t) for t in texts], add_special_tokens=False)
        for place, encoding in enumerate(encodings):
            out[place] = self.vector(self._known(encoding.ids))
        return out

    def vector(self, ids: Iterable[int]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """(d,) float64 unit vector of token ids, or zeros.

        Added up in float64 in the order of the ids, and its length from the first dimension on: the page does the same,
        so that both agree to the last bit.
        """
        import numpy as np

        known = [i for i in ids if i < self._shape[0]]
        total: np.ndarray[Any, np.dtype[np.float64]] = np.zeros(self._shape[1])
        if known:
            total = (self.rows[known].astype(np.float64) * self.scale[known].astype(np.float64)[:, None]).sum(axis=0)
        length = float(np.sqrt(np.cumsum(total * total)[-1]))
        return total / length if length > 1e-12 else total * 0.0


def _readable(text: str) -> str:
    """A text as `tokenizers` takes it: not endless, and without halves of surrogate pairs."""
    return text[:LONGEST_TEXT].encode("utf-8", "ignore").decode("utf-8")


def tokenizer(vocab: Sequence[str]) -> Tokenizer:
    """BERT's uncased WordPiece over a vocabulary: lower case, no accents, CJK characters one by one.

    Words in brackets such as [MASK] are text like any other.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    ids = {token: n for n, token in enumerate(vocab)}
    out = Tokenizer(models.WordPiece(ids, unk_token=UNKNOWN, max_input_chars_per_word=LONGEST_WORD))
    out.normalizer = normalizers.BertNormalizer()
    out.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return out


def fitted_folder(store: Store) -> Path:
    """Where a table that was fitted to the diary's own model lies."""
    return store.cache / "query-encoder"


def load(options: Options, store: Store) -> QueryEncoder | None:
    """The table that stands for the diary's model, or None: queries then need the model itself.

    Raises:
        DiaryError: the table is damaged.
    """
    if options.query_encoder == "full":
        return None
    if options.query_encoder == "fit":
        fitted = stored(fitted_folder(store), embed.identity(options))
        if fitted is not None:
            return fitted
    return QueryEncoder(PACKAGED) if packaged_stands_for(options) else None


def stored(folder: Path, model: str) -> QueryEncoder | None:
    """The table in a folder, or None where there is none or it was made for another model than `model`.

    Raises:
        DiaryError: it is damaged.
    """
    if not (folder / "table.json").is_file():
        return None
    table = QueryEncoder(folder)
    return table if table.made_for == model else None


def packaged_stands_for(options: Options) -> bool:
    """True for the default model under either of its names, unless a folder of that name takes its place."""
    is_default = options.embedder == "sentence-transformers" and embed.is_default(options.model)
    return is_default and not (embed.local_folder(options.model, options.base) / "config.json").is_file()


def notice(options: Options) -> str:
    """What `diary build` says where no table stands for the model; "" where nothing needs saying."""
    if options.query_encoder == "full" or options.embedder != "sentence-transformers":
        return ""
    return (
        f"No query encoder stands for the model {options.model}: `diary search` loads the model itself, and the page"
        " searches by words alone. `query_encoder: fit` in mkdocs.yml makes one."
    )


def write(
    folder: Path,
    vocab: Sequence[str],
    table: np.ndarray[Any, np.dtype[np.float32]],
    made_for: str,
    about: dict[str, Any],
) -> QueryEncoder:
    """Write a table as int8 rows with a scale each.

    Args:
        vocab: all tokens; those of the table's rows come first, in its order.
        table: (n, d), n at most the number of tokens.
        made_for: `embed.identity` of the model.
        about: what table.json says besides: scores, what it was fitted to.
    """
    rows, scale = quantised(table)
    words = "\n".join(vocab) + "\n"
    digest = hashlib.blake2b(words.encode("utf-8"), digest_size=5)
    digest.update(rows.tobytes())
    digest.update(scale.tobytes())
    head = {
        "made_for": made_for,
        "identity": digest.hexdigest(),
        "rows": rows.shape[0],
        "d": rows.shape[1],
        "tokens": len(vocab),
        **about,
    }
    (folder / "table.json").unlink(missing_ok=True)  # a table that is half written has no head
    write_atomic(folder / "vocab.txt", words)
    write_atomic(folder / "rows.npy", _npy(rows))
    write_atomic(folder / "scale.npy", _npy(scale))
    write_atomic(folder / "table.json", json.dumps(head, indent=1, ensure_ascii=False) + "\n")
    return QueryEncoder(folder)


def quantised(table: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, np.dtype[np.int8]], Any]:
    """(n, d) -> int8 rows and float32 scales (n,); the largest value of a row becomes 127 or -127."""
    import numpy as np

    scale = np.maximum(np.abs(table).max(axis=1) if table.size else np.zeros(len(table)), 1e-12) / 127
    scale = scale.astype("<f4")
    return np.rint(table / scale[:, None]).clip(-127, 127).astype(np.int8), scale


def _npy(values: np.ndarray[Any, Any]) -> bytes:
    import io

    import numpy as np

    out = io.BytesIO()
    np.save(out, np.ascontiguousarray(values))
    return out.getvalue()
