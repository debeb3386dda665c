"""`diary describe --clusters`: a language model names the clusters of the map, all in one request.

A name is kept in atlas.json with the model that gave it. From then on a build treats it as any name: it stays until a
third of the members are others; then the cluster is named by its words again, until somebody asks a model once more.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from paperdiary import build, describe_names, describe_words, publishing
from paperdiary.atlas import Atlas, Cluster
from paperdiary.build import Diary
from paperdiary.cluster import SHARE
from paperdiary.config import Config
from paperdiary.describe import TRIES, Asker, Say, Sum
from paperdiary.describe_kept import Kept
from paperdiary.describe_names import Named, RefusedError
from paperdiary.describe_prompt import Prompt, fenced, load
from paperdiary.entry import Entry
from paperdiary.errors import DiaryError
from paperdiary.inert import one_line
from paperdiary.store import Store

ANSWERED = 12  #: tokens of an answer for each cluster, about
TITLES = 12  #: members of a cluster that are shown
SHARED = 16  #: words that its members share


@dataclass(frozen=True, slots=True)
class Naming:
    """What is asked about a map."""

    clusters: tuple[Cluster, ...]  #: those to be named
    members: Mapping[str, Sequence[Entry]]  #: of those
    taken: tuple[str, ...]  #: names of the others
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Renamed:
    """What becomes of a cluster."""

    cluster: Cluster  #: as it was
    name: str
    reason: str = ""  #: why the name is refused; "" where it is not


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request."""

    names: tuple[Renamed, ...]
    kept: bool = False  #: the answer is of an earlier run
    asked: int | None = 0  #: tokens, as the provider counts them; None where it does not say
    answered: int | None = 0


def bring_up_to_date(config: Config, say: Say, bar: build.Bar = build.no_bar) -> Diary:
    """The diary with its map as `diary build` would leave it; the site is not made.

    Raises:
        DiaryError: there is no embedding model, so that the map cannot follow the notes.
    """
    with publishing.alone(Store(config), say):
        diary = build.run(config, say, bar)
    if not diary.complete:
        raise DiaryError("The map cannot follow the notes, so its clusters are not named. Mend that first.")
    return diary


def plan(diary: Diary, *, anew: bool = False) -> Naming | None:
    """What to ask about the clusters that neither the reader nor a model named; None where there are none.

    Args:
        anew: those that a model named as well.
    """
    inside: dict[str, list[Entry]] = {}
    for entry in diary.entries:
        if entry.id in diary.atlas.places:
            inside.setdefault(diary.atlas.places[entry.id].cluster, []).append(entry)
    wanted = tuple(c for c in diary.atlas.clusters if not c.pinned and (anew or not c.by) and c.id in inside)
    if not wanted:
        return None
    others = tuple(c.name for c in diary.atlas.clusters if c not in wanted)
    members = {c.id: inside[c.id] for c in wanted}
    common = Counter(root for group in inside.values() for e in group for root in describe_words.roots(_text(e)))
    total = sum(map(len, inside.values()))
    mark, groups = fenced("\n\n".join(_shown(c.id, members[c.id], common, total) for c in wanted))
    language = describe_words.language("\n".join(_text(e)[:500] for group in members.values() for e in group[:8]))
    prompt = load(diary.config, "clusters").fill(
        {
            "clusters": groups,
            "mark": mark,
            "taken": "; ".join(one_line(name, 80) for name in others) or "(there are none)",
            "language": describe_words.NAMES.get(language, "the language of the titles"),
            "least": str(describe_names.LEAST),
            "most": str(describe_names.MOST),
            "count": str(len(wanted)),
        }
    )
    return Naming(wanted, members, others, prompt)


_text: Callable[[Entry], str] = describe_names.text_of


def _shown(identifier: str, group: Sequence[Entry], common: Counter[str], total: int) -> str:
    """A cluster as a model sees it: the words that tell it from others, and the titles that have most of them."""
    texts = [describe_words.roots(_text(e)) for e in group]
    inside = Counter(root for roots in texts for root in roots)
    least = max(len(group) * SHARE, 2 if len(group) > 2 else 1)
    heads = Counter(r for e in group for r in describe_words.roots(f"{e.title}\n{e.description}\n{' '.join(e.tags)}"))
    own = {
        root: n / len(group) * math.log(1 + n / len(group) / (common[root] / total)) * (0.2 + heads[root] / len(group))
        for root, n in inside.items()
        if n >= least and not root.isdigit()
    }
    best = sorted(own, key=lambda r: (-own[r], r))[:SHARED]
    written = describe_words.spoken("\n".join(_text(e) for e in group))
    order = sorted(range(len(group)), key=lambda n: (-len(texts[n] & set(best)), n))
    titles = [f"- {one_line(group[n].title, 140)}" for n in order[:TITLES]]
    shared = ", ".join(dict.fromkeys(written.get(r, r) for r in best))
    return "\n".join([f"{identifier}, {len(group)} members", f"shared words: {shared}", "titles:", *titles])


def ask(config: Config, naming: Naming, model: Asker, *, anew: bool = False) -> Outcome:
    """The names that a model gives, each with the reason where it is refused; nothing is written but the answer.

    Raises:
        DiaryError: the answer holds no names, or nothing can be asked.
        NoAnswerError: the request came to nothing.
    """
    kept = Kept(Store(config), model.signature)
    last = None if anew else kept.get(naming.prompt)
    if last is not None:
        try:
            return Outcome(_judged(naming, last), kept=True)
        except RefusedError:
            pass
    prompt, asked, answered = naming.prompt, Sum(), Sum()
    best: tuple[Renamed, ...] = ()
    reason = ""
    for _ in range(TRIES):
        answer = model.ask(prompt)
        asked.add(answer.asked)
        answered.add(answer.answered)
        try:
            names = _judged(naming, answer.text)
        except RefusedError as e:
            reason = "it was cut off before its end" if answer.cut else str(e)
            prompt = naming.prompt.again(reason)
            continue
        bad = [n for n in names if n.reason]
        if not best or len(bad) < sum(bool(n.reason) for n in best):
            best = names
            kept.put(naming.prompt, answer.text)
        if not bad:
            break
        reason = "; ".join(f"{n.cluster.id} “{one_line(n.name, 48)}”: {n.reason}" for n in bad[:12])
        prompt = naming.prompt.again(reason)
    if not best:
        raise DiaryError(f"The answer of {model.id} is refused: {reason}. Run the command again, or try another model.")
    return Outcome(best, False, asked.total, answered.total)


def _judged(naming: Naming, answer: str) -> tuple[Renamed, ...]:
    """Each cluster's name in an answer; raises RefusedError."""
    given = describe_names.parse(answer, [c.id for c in naming.clusters])
    found: dict[str, Named] = describe_names.check(given, naming.members, naming.taken)
    return tuple(Renamed(c, found[c.id].name, found[c.id].reason) for c in naming.clusters)


def keep(config: Config, diary: Diary, outcome: Outcome, model: str, say: Say) -> Atlas:
    """Write the names that passed into atlas.json.

    Raises:
        DiaryError: the map changed since the model was asked.
    """
    from paperdiary import atlas_file

    store = Store(config)
    with publishing.alone(store, say):
        now = atlas_file.read(store)
        if {i: p.cluster for i, p in now.places.items()} != {i: p.cluster for i, p in diary.atlas.places.items()}:
            raise DiaryError("The map changed while the model was asked. Run the command again.")
        new = named(now, {n.cluster.id: n.name for n in outcome.names if not n.reason}, model)
        atlas_file.write(store, new)
    return new


def named(atlas: Atlas, names: Mapping[str, str], model: str) -> Atlas:
    """The atlas with these names by cluster id, given to the members that the clusters have now."""
    clusters = tuple(
        replace(c, name=names[c.id], named=c.size, by=model) if c.id in names and not c.pinned else c
        for c in atlas.clusters
    )
    places = {i: replace(p, late=False) if p.cluster in names and p.late else p for i, p in atlas.places.items()}
    return replace(atlas, clusters=clusters, places=places)
