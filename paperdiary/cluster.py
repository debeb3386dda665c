"""K-Means on the map, how many clusters, what they are called, and who they were before."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paperdiary.entry import Entry

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.floating[Any]]]

FEWEST, MOST = 4, 20
STAY = 0.1  #: a member leaves when it is 0.5 + STAY of the way from its own centre to another
ITERATIONS = 50
TERMS = 2  #: most terms in a name
SECOND = 0.3  #: of the best term's score that a second one must have
SHARE = 1 / 3  #: of the members of a small cluster that every term of its name occurs in
SMALL = 30  #: members; a larger cluster holds several subjects, so that fewer need to share a term
TELLING = 1.5  #: times as common as among all entries a term of a large cluster is
RARER = 0.25  #: times as many members have it in their titles and descriptions, where enough have it in their texts

#: stop words that may stand inside a longer phrase ("deep reinforcement learning", "image classification")
_INNER = frozenset({"deep", "neural", "network", "networks", "learning", "image", "model", "models"})


def count_for(entries: int, wanted: int, previous: int) -> int:
    """Number of clusters for a number of entries.

    `wanted` decides where it is set; otherwise the square root of the number of entries, 4 to 20, which the last
    number follows at a distance of one, so that it does not change to and fro.
    """
    if entries < FEWEST:
        return min(entries, 1)
    best = min(max(round(math.sqrt(entries)), FEWEST), MOST)
    if wanted:
        best = wanted
    elif previous:
        best = min(max(previous, best - 1), best + 1)
    return max(1, min(best, entries // 2))


def assign(points: Array, count: int, before: Sequence[int] | None, seed: int) -> list[int]:
    """K-Means labels of (n, d) points.

    Args:
        before: the last label of each point, -1 for a new one; None groups anew. Members stay unless another
            centre is clearly nearer; where the number of clusters changes, one is split or two become one.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    if count <= 1 or len(np.unique(points.round(9), axis=0)) <= count:
        return [0] * len(points)
    with threadpool_limits(limits=1):
        if before is not None and max(before, default=-1) >= 0:
            return _follow(points, count, np.array(before), seed)
        from sklearn.cluster import KMeans

        return [int(label) for label in KMeans(count, n_init=10, random_state=seed).fit_predict(points)]


def _follow(points: Array, count: int, labels: Any, seed: int) -> list[int]:
    """Lloyd's iterations from the last groups, with a bias towards staying."""
    import numpy as np

    names, centres = _centres(points, labels)
    labels = np.where(labels < 0, names[_squared(points, centres).argmin(axis=1)], labels)
    names, centres = _centres(points, labels)
    while len(names) > count:  # the two whose union is least spread (Ward, 1963)
        sizes = (labels[:, None] == names).sum(axis=0)
        cost = sizes[:, None] * sizes / (sizes[:, None] + sizes) * _squared(centres, centres)
        np.fill_diagonal(cost, np.inf)
        one, two = np.unravel_index(cost.argmin(), cost.shape)
        large, small = (one, two) if sizes[one] >= sizes[two] else (two, one)
        labels[labels == names[small]] = names[large]
        names, centres = _centres(points, labels)
    while len(names) < count:
        own = centres[np.searchsorted(names, labels)]
        spread = np.bincount(labels, ((points - own) ** 2).sum(axis=1))
        widest = np.flatnonzero(labels == spread.argmax())
        if spread.max() <= 0:
            break
        from sklearn.cluster import KMeans

        halves = KMeans(2, n_init=10, random_state=seed).fit_predict(points[widest])
        labels[widest[halves == (halves.sum() * 2 <= len(halves))]] = labels.max() + 1  # the larger half stays
        names, centres = _centres(points, labels)
    for _ in range(ITERATIONS):
        distance = _squared(points, centres)
        best, own = distance.argmin(axis=1), np.searchsorted(names, labels)
        gap = distance[np.arange(len(points)), own] - distance.min(axis=1)
        apart = _squared(centres, centres)[own, best]
        leaving = gap > 2 * STAY * apart
        if not leaving.any():
            break
        labels = np.where(leaving, names[best], labels)
        names, centres = _centres(points, labels)
    return [int(label) for label in labels]


def _centres(points: Array, labels: Any) -> tuple[Any, Array]:
    """The labels in use, ascending, and the mean of each one's points."""
    import numpy as np

    names = np.unique(labels[labels >= 0])
    return names, np.stack([points[labels == name].mean(axis=0) for name in names])


def _squared(points: Array, centres: Array) -> Array:
    """Squared distances: (n, d), (k, d) -> (n, k)."""
    import numpy as np

    out = (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * points @ centres.T
    return np.asarray(np.maximum(out, 0))


def identities(labels: Sequence[int], before: Sequence[str | None], taken: Sequence[str]) -> list[str]:
    """The permanent id of each label: the old cluster it shares most members with, or a new id.

    Args:
        labels: n labels, 0 to k-1.
        before: the old cluster id of each entry, None for new entries.
        taken: every id ever used; a new cluster gets the next number.
    """
    import numpy as np

    count = max(labels, default=-1) + 1
    old = sorted({b for b in before if b})
    overlap = np.zeros((count, len(old)))
    for label, was in zip(labels, before, strict=True):
        if was:
            overlap[label, old.index(was)] += 1
    out: list[str | None] = [None] * count
    if old and count:
        columns = overlap.argmax(axis=1)
        if len(set(columns)) == count:  # each has most of another one: no pairing shares more members
            pairs = zip(range(count), columns, strict=True)
        else:
            from scipy.optimize import linear_sum_assignment

            pairs = zip(*linear_sum_assignment(-overlap), strict=True)
        for row, column in pairs:
            if overlap[row, column] > 0:
                out[row] = old[column]
    number = max((int(t[1:]) for t in [*taken, *old] if re.fullmatch(r"c\d+", t)), default=0)
    for label in range(count):
        if out[label] is None:
            number += 1
            out[label] = f"c{number}"
    return [str(o) for o in out]


def names(groups: Sequence[Sequence[Entry]], fixed: dict[int, str] | None = None) -> list[str]:
    """A name for each group of entries, all together so that no two share words where it can be helped.

    Class-based TF-IDF (Grootendorst, 2022) over phrases of titles, descriptions and tags. Every term of
    a name occurs in at least a third of the members, in large groups in at least `least` of them: in their
    titles, descriptions and tags, or, where there is no such term or the group is large, in their texts. A group
    without any is called after the entry that shares most of its words with the others.

    Args:
        groups: the entries of each cluster.
        fixed: names that stay, by position in `groups`; their words are not used again.
    """
    fixed = fixed or {}
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    members = [[_terms(entry, forms) for entry in group] for group in groups]
    totals: Counter[str] = Counter()  # how often a term is there
    spread: Counter[str] = Counter()  # how many entries have it
    for group in members:
        for terms in group:
            totals.update(terms)
            spread.update(set(terms))
    everyone = sum(map(len, members))
    average = sum(totals.values()) / max(len(members), 1)
    scored: list[tuple[float, int, str]] = []
    for number, group in enumerate(members):
        if number in fixed:
            continue
        inside = Counter(term for terms in group for term in set(terms))
        weight: Counter[str] = Counter()
        for terms in group:
            weight.update(terms)
        size = max(sum(weight.values()), 1)
        needed = least(len(group))
        shares = {term: share for term, share in inside.items() if share >= needed}
        if not shares or len(group) > SMALL:
            rarely = [term for term, share in inside.items() if share >= max(needed * RARER, 2)]
            shares = {t: share for t, share in _in_texts(groups[number], rarely).items() if share >= needed}
        if len(group) > SMALL and len(members) > 1:  # what is no more common here than anywhere tells nothing
            usual = TELLING * len(group) / everyone
            shares = {t: share for t, share in shares.items() if inside[t] >= usual * spread[t]} or shares
        for term, share in shares.items():
            score = weight[term] / size * math.log(1 + average / totals[term])
            own = inside[term] / spread[term]  # of the entries that have the term, how many are in this group
            words = min(term.count(" ") + 1, 2.5)
            scored.append((score * words * own**0.75 * (share / len(group)) ** 0.5, number, term))
    scored.sort(key=lambda s: (-s[0], s[1], s[2]))
    best = {number: score for score, number, _ in reversed(scored)}
    chosen: dict[int, list[str]] = {number: [] for number in range(len(groups))}
    used: set[str] = {root for name in fixed.values() for root in _roots(_key(name))}
    for wanted in range(1, TERMS + 1):
        for score, number, term in scored:
            roots = _roots(term)
            enough = wanted == 1 or score >= SECOND * best[number]
            again = any(_is_acronym(term, other) for other in chosen[number])
            if len(chosen[number]) < wanted and enough and not roots & used and not again:
                chosen[number].append(term)
                used |= roots
    given = {term for terms in chosen.values() for term in terms}
    for _, number, term in scored:  # a shared word is better than no name, the same name is not
        if not chosen[number] and term not in given:
            chosen[number].append(term)
            given.add(term)
    out = []
    for number, entries in enumerate(groups):
        if number in fixed:
            out.append(fixed[number])
        elif chosen[number]:
            shown = [forms[term].most_common(1)[0][0] for term in chosen[number]]
            out.append(_capital(", ".join(shown)))
        else:
            out.append(_central(entries, members[number]))
    return _distinct(out, fixed)


def least(members: int) -> float:
    """How many members must have a term that names them."""
    share = SHARE * min(math.sqrt(SMALL / max(members, 1)), 1)
    return max(members * share, 2 if members > 2 else 1)


def _in_texts(entries: Sequence[Entry], terms: Sequence[str]) -> Counter[str]:
    """In how many entries each term occurs, with the text of the note."""
    out: Counter[str] = Counter()
    for entry in entries if terms else ():
        text = f" {_key(' '.join([entry.title, entry.description, *(p.text for p in entry.passages)]))} "
        out.update(term for term in terms if f" {term} " in text)
    return out


def _terms(entry: Entry, forms: dict[str, Counter[str]]) -> list[str]:
    """Stemmed words and phrases of one to three words of an entry; `forms` learns how they are written.

    A tag and the topic count as one phrase each. Titles are often capitalised throughout, so only
    running text tells names ("Atari") from other words.
    """
    out: list[str] = []
    for text, weight, prose in ((entry.title, 2, 0.5), (entry.description, 1, 1.0)):
        for sentence in re.split(r"(?<=[.!?:;])\s+", text):
            for begin, run in enumerate(re.split(r"[^\w\s'’-]+|\s-+\s", sentence)):
                words = re.findall(r"[^\W_][\w'’-]*", run)
                for size in (1, 2, 3):
                    for at in range(len(words) - size + 1):
                        phrase = words[at : at + size]
                        if not _phrase([w.lower() for w in phrase]):
                            continue
                        first = prose == 0.5 or (begin == 0 and at == 0)
                        shown = " ".join(_shown(w, first and (n == 0 or prose == 0.5)) for n, w in enumerate(phrase))
                        key = _key(shown)
                        forms[key][shown] += prose  # type: ignore[assignment]
                        out += [key] * weight
    for label, weight in ((entry.topic.rsplit("/", 1)[-1], 1), *((tag, 2) for tag in entry.tags)):
        phrase = re.findall(r"[^\W_]+", label.lower())
        if phrase and len(phrase) <= 3 and not all(w in _stopwords() for w in phrase):
            key = _key(" ".join(phrase))
            forms[key][" ".join(phrase)] += 0.1  # type: ignore[assignment]
            out += [key] * weight
    return out


def _key(phrase: str) -> str:
    return " ".join(_stem(w) for w in re.findall(r"[^\W_]+", phrase.lower()))


@lru_cache(maxsize=1)
def _stopwords() -> frozenset[str]:
    """Words too common in summaries of papers to name anything (data/stopwords.txt)."""
    return frozenset((Path(__file__).parent / "data" / "stopwords.txt").read_text(encoding="utf-8").split())


def _phrase(words: list[str]) -> bool:
    if len(words) == 1:
        return words[0] not in _stopwords() and len(words[0]) > 2 and not words[0].isdigit()
    inner = [w in _stopwords() and w not in _INNER for w in words]
    meaningful = any(w not in _stopwords() for w in words)
    return meaningful and not any(inner) and all(len(w) > 1 for w in words) and not any(w.isdigit() for w in words)


def _stem(word: str) -> str:
    """Enough to bring plurals together."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _shown(word: str, small: bool) -> str:
    """Acronyms and names with inner capitals keep them; `small` writes other words in lower case."""
    return word.lower() if small and not any(c.isupper() for c in word[1:].split("-")[0]) else word


def _is_acronym(one: str, other: str) -> bool:
    """Whether one of two terms is the other's initials: "gan" and "generative adversarial network"."""
    short, long = sorted((one, other), key=lambda term: term.count(" "))
    return " " not in short and " " in long and short == "".join(word[0] for word in long.split())


def _roots(key: str) -> set[str]:
    """The beginnings of a term's words: "robot" and "robotics" are one."""
    return {w[:5] for w in key.split()}


def _capital(name: str) -> str:
    first = name.split(",")[0].split(" ")[0]
    return name if any(c.isupper() for c in first[1:]) else name[:1].upper() + name[1:]


def _central(group: Sequence[Entry], terms: list[list[str]]) -> str:
    common = Counter(t for member in terms for t in set(member))
    best = max(range(len(group)), key=lambda i: (sum(common[t] - 1 for t in set(terms[i])), -i), default=None)
    if best is None:
        return "Empty"
    title = group[best].title.split(": ")[0]
    return f"Around “{title if len(title) <= 40 else title[:40].rsplit(' ', 1)[0] + '…'}”"


def _distinct(found: list[str], fixed: dict[int, str]) -> list[str]:
    """Names that are there already get a number; fixed ones stay as they are."""
    seen = set(fixed.values())
    out = []
    for number, name in enumerate(found):
        unique, count = name, 2
        while number not in fixed and unique in seen:
            unique, count = f"{name} ({count})", count + 1
        seen.add(unique)
        out.append(unique)
    return out
