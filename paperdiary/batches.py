"""Texts -> vectors as fast as the processor allows: batches of like length by a budget of tokens, half precision.

Batches are cut into tokens in threads of their own, so that a GPU need not wait. A batch that does not fit into
memory is halved, and so is the budget of those that follow.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.float32]]

CHARACTERS = 4.0  #: of a text to a token, about; only the size of batches depends on it
#: tokens a batch, padding included: enough to keep the processor busy, few enough that lengths are alike
BUDGET = {"cpu": 4_096, "mps": 8_192, "cuda": 65_536}
AHEAD = 4  #: batches that are cut into tokens while one is computed


class Encoder:
    """A sentence-transformers model with a budget of tokens that learns how much memory there is."""

    def __init__(self, model: Any) -> None:
        self.model = model.eval()
        self.device = str(model.device.type)
        self.budget = BUDGET.get(self.device, BUDGET["cpu"])
        if self.device == "cuda":
            self.model = self.model.half()
        self._workers = ThreadPoolExecutor(2 if self.device == "cpu" else 4, thread_name_prefix="tokens")

    def __call__(self, texts: Sequence[str]) -> Array:
        """(n, d) float32 unit vectors, in the order of the texts."""
        import numpy as np

        lengths = [self._tokens(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda n: -lengths[n])  # the largest batch first: memory fails at once
        out: Array | None = None
        waiting: deque[tuple[list[int], Future[Any]]] = deque()
        batches = self._batches(order, lengths)
        while True:
            while len(waiting) < AHEAD and (rows := next(batches, None)):
                waiting.append((rows, self._workers.submit(self.model.preprocess, [texts[n] for n in rows])))
            if not waiting:
                break
            rows, features = waiting.popleft()
            vectors = self._compute(features.result(), [texts[n] for n in rows])
            out = np.zeros((len(texts), vectors.shape[1]), np.float32) if out is None else out
            out[rows] = vectors
        return out if out is not None else np.zeros((0, 0), np.float32)

    def _tokens(self, text: str) -> int:
        longest = self.model.max_seq_length or 512
        return int(min(len(text) / CHARACTERS + 3, longest))

    def _batches(self, order: list[int], lengths: list[int]) -> Iterator[list[int]]:
        at = 0
        while at < len(order):
            size = max(1, self.budget // lengths[order[at]])
            yield order[at : at + size]
            at += size

    def _compute(self, features: Any, texts: list[str]) -> Array:
        import torch

        try:
            return self._forward(features)
        except RuntimeError as e:  # of CUDA a class of its own; MPS only says so
            if len(texts) == 1 or not (isinstance(e, torch.OutOfMemoryError) or "out of memory" in str(e)):
                raise
        if self.device == "cuda":
            torch.cuda.empty_cache()
        elif self.device == "mps":
            torch.mps.empty_cache()
        self.budget = max(self.budget // 2, 256)
        import numpy as np

        middle = len(texts) // 2
        halves = (texts[:middle], texts[middle:])
        return np.concatenate([self._compute(self.model.preprocess(half), half) for half in halves])

    def _forward(self, features: Any) -> Array:
        import numpy as np
        import torch

        on = {k: v.to(self.device, non_blocking=True) if hasattr(v, "to") else v for k, v in features.items()}
        half = torch.autocast("cpu", torch.bfloat16, enabled=self.device == "cpu" and has_bfloat16())
        with torch.inference_mode(), half:
            found = self.model(on)["sentence_embedding"].float()
            found = torch.nn.functional.normalize(found, dim=1).cpu().numpy()
        return np.asarray(found, dtype=np.float32)


def has_bfloat16() -> bool:
    """True where the processor multiplies bfloat16 in hardware; elsewhere it is slower than float32."""
    import torch

    asks = [getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")]
    return any(ask() for ask in asks if ask)
