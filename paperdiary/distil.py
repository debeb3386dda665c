"""Fits the query encoder's table: one vector a token, so that the mean over a text lies where the model puts it.

Ridge regression of the model's vectors on token counts, solved by conjugate gradients with a diagonal
preconditioner (Hestenes and Stiefel, 1952); all dimensions at once. Rows are drawn towards a prior instead of
towards zero, so that a token which the texts hardly hold keeps the vector that the model gives it alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from paperdiary import embed, encoder
from paperdiary.config import Options
from paperdiary.encoder import QueryEncoder
from paperdiary.entry import Entry
from paperdiary.store import Store
from paperdiary.views import Document, views, words

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_array

    Array = np.ndarray[Any, np.dtype[np.float32]]

Progress = Callable[[str], None]

LENGTH = 0.2  #: a text's counts are divided by its number of tokens to this power
PENALTY = 1.0  #: lambda; both chosen on held-out texts, see docs/query-encoder.md
ALONE = 0.7  #: a token's prior is the model's vector of it alone, at this length
ROUNDS = 60  #: most steps of conjugate gradients
CLOSE = 2e-3  #: they end once the residual is this part of the first one
ROWS = 25_088  #: most tokens with a row: 392 files of 64 in the page, 9.7 MB
HELD_OUT = 25  #: one text in so many is kept back to measure on
GROWTH = 1.5  #: a fitted table is made again once the diary has so many times its passages
STEP = 1024  #: texts embedded between two messages


def counts(ids: Sequence[Sequence[int]], n: int) -> csr_array:
    """(texts, n) token counts, each row divided by its sum to the power `LENGTH`; ids of n or more are left out.

    At the power 1 a row is a mean. Vectors of tokens point in different directions, so that a mean over many is short,
    while the model's vectors all have length 1: one row for a token could not serve short texts and long ones. A text
    without a known token is a row of zeros.
    """
    import numpy as np
    from scipy.sparse import csr_array

    known = [[i for i in row if i < n] for row in ids]
    lengths = np.array([len(row) for row in known], dtype=np.int64)
    columns = np.fromiter((i for row in known for i in row), dtype=np.int32, count=int(lengths.sum()))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    values = np.repeat(np.maximum(lengths, 1.0) ** -LENGTH, lengths).astype(np.float32)
    out = csr_array((values, columns, starts), shape=(len(known), n))
    out.sum_duplicates()
    return out


def ridge(
    x: csr_array,
    y: Array,
    penalty: float = PENALTY,
    prior: Array | None = None,
    weights: Array | None = None,
    say: Progress = lambda text: None,
) -> Array:
    """The (n, d) table W that minimises  sum_i w_i |x_i W - y_i|^2 + penalty |W - prior|^2.

    Args:
        x: (texts, n) from `counts`.
        y: (texts, d) unit vectors of the model.
        prior: (n, d), zeros without one.
        weights: (texts,), ones without one.
    """
    import numpy as np
    from scipy.sparse import diags_array

    table = np.zeros((x.shape[1], y.shape[1]), np.float32) if prior is None else prior.astype(np.float32)
    used = np.flatnonzero(np.bincount(x.indices, minlength=x.shape[1]))  # the others stay at the prior
    x = x[:, used]
    weighted = x if weights is None else diags_array(weights.astype(np.float32)) @ x
    gram = (x.T @ weighted).tocsr()
    right = np.asarray(weighted.T @ y, dtype=np.float32)
    start = table[used]
    diagonal = (gram.diagonal() + penalty)[:, None].astype(np.float32)

    found = start.copy()
    residual = right - gram @ start  # penalty (W - prior) is zero at the prior
    first = float(np.sqrt((residual**2).sum())) or 1.0
    ready = residual / diagonal
    step = ready.copy()
    size = (residual * ready).sum(axis=0)
    for number in range(1, ROUNDS + 1):
        image = gram @ step + penalty * step
        along = size / np.maximum((step * image).sum(axis=0), 1e-30)
        found += along * step
        residual -= along * image
        left = float(np.sqrt((residual**2).sum())) / first
        say(f"step {number}: residual {left:.4f}")
        if left < CLOSE:
            break
        ready = residual / diagonal
        new = (residual * ready).sum(axis=0)
        step = ready + new / np.maximum(size, 1e-30) * step
        size = new
    table[used] = found
    return table


def ordered(vocab: Sequence[str], frequency: Sequence[float], n: int, keep: Callable[[str], bool]) -> list[str]:
    """The vocabulary with the tokens that get a row first, by falling frequency, then the rest.

    Args:
        n: how many rows there may be.
        keep: False for tokens that never get one.
    """
    by_use = sorted(range(len(vocab)), key=lambda i: (-frequency[i], i))
    first = [i for i in by_use if keep(vocab[i])][:n]
    chosen = set(first)
    return [vocab[i] for i in first] + [t for i, t in enumerate(vocab) if i not in chosen]


def is_word_piece(token: str) -> bool:
    """False for BERT's places without text: [CLS], [unused12] and the like."""
    return not (len(token) > 2 and token.startswith("[") and token.endswith("]"))


def cosines(x: csr_array, y: Array, table: Array) -> Array:
    """(texts,) cosine between what the table makes of each text and the model's vector."""
    import numpy as np

    made = x @ table
    return np.asarray((made * y).sum(axis=1) / np.maximum(np.linalg.norm(made, axis=1), 1e-9), dtype=np.float32)


def fit(
    texts: Sequence[str],
    vectors: Array,
    vocab: Sequence[str],
    penalties: Sequence[float] = (PENALTY,),
    prior: Array | None = None,
    limit: int = ROWS,
    say: Progress = lambda text: None,
) -> tuple[list[str], Array, dict[str, Any]]:
    """A table for texts and the model's vectors of them.

    The penalty is the one of `penalties` whose table comes closest on texts of several tokens that are kept back; the
    table that is returned is then fitted to all of them.

    Args:
        vectors: (texts, d) unit vectors.
        vocab: WordPiece tokens, [UNK] among them.
        prior: (tokens, d) in the order of `vocab`: the model's vectors of tokens alone, zeros where unknown.

    Returns:
        The vocabulary with the tokens of the table first, the table (n, d), and what is worth telling: number of
        texts, penalty, mean cosine on the texts kept back.
    """
    import numpy as np

    cut = encoder.tokenizer(vocab)
    ids = [e.ids for e in cut.encode_batch(list(texts), add_special_tokens=False)]
    frequency = np.bincount(np.fromiter((i for row in ids for i in row), np.int64), minlength=len(vocab))
    order = ordered(vocab, frequency.tolist(), limit, is_word_piece)
    place = {token: n for n, token in enumerate(order)}
    new = [place[token] for token in vocab]
    n = min(limit, sum(map(is_word_piece, vocab)))
    x = counts([[new[i] for i in row] for row in ids], n)
    start = None
    if prior is not None:
        old = {token: number for number, token in enumerate(vocab)}
        start = prior[[old[token] for token in order[:n]]]
    chosen, best = penalties[0], -1.0
    several = np.array([len(row) > 1 for row in ids], dtype=bool)  # a token alone is its own prior
    held = several & (np.arange(len(texts)) % HELD_OUT == HELD_OUT - 1)
    for penalty in penalties if held.any() else ():
        close = float(cosines(x[held], vectors[held], ridge(x[~held], vectors[~held], penalty, start)).mean())
        say(f"penalty {penalty:g}: mean cosine {close:.4f} on {int(held.sum())} texts kept back")
        if close > best:
            chosen, best = penalty, close
    about = {"texts": len(texts), "penalty": chosen, "held_out_cosine": round(best, 4)}
    return order, ridge(x, vectors, chosen, start, say=say), about


def alone(vocab: Sequence[str], texts: Sequence[str], vectors: Array) -> Array:
    """(tokens, d) a prior: the model's vector of each token where it is one of `texts`, shortened; otherwise zeros.

    A piece that continues a word (`##net`) has that of its letters.
    """
    import numpy as np

    place = {text: n for n, text in enumerate(texts)}
    out = np.zeros((len(vocab), vectors.shape[1]), dtype=np.float32)
    for number, token in enumerate(vocab):
        n = place.get(token.removeprefix("##"))
        if n is not None:
            out[number] = vectors[n] * ALONE
    return out


def update(options: Options, store: Store, entries: Sequence[Entry], say: Progress) -> QueryEncoder | None:
    """The table for `query_encoder: fit`, made from the diary's own texts where it is missing or outgrown.

    Raises:
        ModelError: the model cannot be loaded.
    """
    import numpy as np

    if options.query_encoder != "fit":
        return None
    folder, model = encoder.fitted_folder(store), embed.identity(options)
    passages = sum(len(e.passages) for e in entries)
    old = encoder.stored(folder, model)
    if old is not None and passages <= GROWTH * old.about.get("passages", 0):
        return old
    vocab = encoder.QueryEncoder(encoder.PACKAGED).vocab
    documents = [
        Document(e.title, "\n".join([e.description, *(t for p in e.passages for t in (p.heading, p.text))]), e.tags)
        for e in entries
    ]
    single = [t for t in vocab if t.isascii() and t.isalnum()]
    texts = list(
        dict.fromkeys([*views(documents, random.Random(options.seed), _ROUNDS), *words(documents, 1), *single])
    )
    say(f"Fitting a query encoder to {options.model}: {len(texts)} short texts, once.")
    encode = embed.load(options)
    by_length = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    parts = []
    for at in range(0, len(texts), STEP):
        parts.append(encode([texts[i] for i in by_length[at : at + STEP]]))
        say(f"{min(at + STEP, len(texts))} of {len(texts)} texts embedded")
    vectors = np.empty((len(texts), parts[0].shape[1]), dtype=np.float32)
    vectors[by_length] = np.concatenate(parts)
    order, table, about = fit(texts, vectors, vocab, prior=alone(vocab, texts, vectors))
    return encoder.write(folder, order, table, model, {**about, "passages": passages})


_ROUNDS = 12  #: draws of each view from an entry of the diary
