"""`diary describe`: says what will be asked and what that costs, asks before it spends, prints what came of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from paperdiary.session import Session, echo, json_option, pass_session, print_json, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paperdiary.describe import Plan, Result
    from paperdiary.describe_ask import Model
    from paperdiary.describe_clusters import Outcome
    from paperdiary.describe_prompt import Price, Prompt


@click.command()
@click.argument("entries", nargs=-1, metavar="[ENTRY]...")
@click.option("-m", "--model", default="", metavar="M", help="A model of llm, instead of `llm_model` in mkdocs.yml.")
@click.option("--clusters", is_flag=True, help="Name the clusters of the map instead.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked and what it costs; ask and write nothing.")
@click.option("--most", type=click.IntRange(1), metavar="N", help="At most so many notes.")
@click.option("--price", default="", metavar="IN,OUT", help="What a million tokens cost, asked and answered.")
@click.option("-o", "--option", "options", nargs=2, multiple=True, metavar="NAME VALUE", help="An option of the model.")
@click.option("--anew", is_flag=True, help="Ask again where an answer is kept, or a model gave the name.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before it costs something.")
@json_option
@pass_session
def describe(
    session: Session, entries: tuple[str, ...], model: str, clusters: bool, dry_run: bool, most: int | None,
    price: str, options: tuple[tuple[str, str], ...], anew: bool, yes: bool, as_json: bool,
) -> None:  # fmt: skip
    """Have a language model write the description of notes that have none.

    ENTRY is an id, an arXiv address, a note's path or a part of a title; without any, all notes are meant. A
    description goes into the front matter, and only where nobody wrote one; every answer is checked, and one that
    does not pass is not written. Models are those of the library llm: `pip install "paperdiary[llm]"`.
    """
    from paperdiary import describe_prompt as prompts
    from paperdiary.errors import UsageError

    config = session.config()
    paid = prompts.price(price, "--price") or prompts.price(config.options.llm_price, "mkdocs.yml: llm_price")
    run = _Run(session, model or config.options.llm_model, dict(options), paid, dry_run, anew, yes, as_json)
    if clusters:
        if entries or most:
            raise UsageError("--clusters names all clusters of the map: leave out entries and --most.")
        run.clusters()
    else:
        run.notes(entries, most or 0)


class _Run:
    """One run of the command."""

    def __init__(
        self, session: Session, name: str, options: dict[str, str], price: Price | None, dry_run: bool, anew: bool,
        yes: bool, as_json: bool,
    ) -> None:  # fmt: skip
        self.session, self.name, self.options, self.price = session, name, options, price
        self.dry_run, self.anew, self.yes, self.as_json = dry_run, anew, yes, as_json
        self.config = session.config()
        self.say = session.say

    def _model(self) -> Model:
        from paperdiary.describe_ask import Model

        return Model(self.name, self.options, self.say)

    def notes(self, names: Sequence[str], most: int) -> None:
        """Describe notes."""
        from paperdiary import describe
        from paperdiary.describe_kept import Kept
        from paperdiary.listing import counted
        from paperdiary.store import Store

        plan = describe.plan(self.session.diary(), names, most)
        self._left_out(plan, bool(names))
        if not plan.tasks:
            self._end([], {})
            return
        model = self._model()
        kept = Kept(Store(self.config), model.signature)
        ready = (
            {} if self.anew else {t.entry.id: r for t in plan.tasks if (r := describe.from_kept(self.config, t, kept))}
        )
        new = [t.prompt for t in plan.tasks if t.entry.id not in ready]
        self.say(
            f"{counted(len(plan.tasks), 'note')} to describe"
            + (f", {len(ready)} of them from answers that are kept." if ready else ".")
        )
        counts = self._estimate(model.id, new, describe.ANSWERED)
        if self.dry_run:
            for result in ready.values():
                self._print(result, len(plan.tasks))
            would = [self._as_dict(r) for r in ready.values()]
            would += [self._as_dict(describe.Result(t.entry, "to ask")) for t in plan.tasks if t.entry.id not in ready]
            self._end(would, {"model": model.id, **counts})
            return
        self._allowed(model, bool(new))
        done: list[Result] = []
        try:
            with describe.alone(Store(self.config), self.say):
                for result in describe.run(self.config, plan.tasks, model, anew=self.anew):
                    done.append(result)
                    self._print(result, len(plan.tasks), len(done))
        finally:
            self._used(done)
            if done and self.as_json:
                self._end([self._as_dict(r) for r in done], {"model": model.id, **counts, "used": self._tokens(done)})
        if any(r.result in {"refused", "failed"} for r in done):
            raise SystemExit(1)

    def _left_out(self, plan: Plan, named: bool) -> None:
        from paperdiary.listing import counted

        if named:
            for entry, reason in plan.left_out:
                self.say(f"“{entry.title}”: {reason}.")
        else:
            reasons: dict[str, int] = {}
            for _, reason in plan.left_out:
                short = "too short to describe" if reason.startswith("it has only") else reason.partition(",")[0]
                reasons[short] = reasons.get(short, 0) + 1
            for reason, count in reasons.items():
                self.say(f"{counted(count, 'entry', 'entries')} left out: {reason}.")
        if not plan.tasks:
            some = counted(plan.described, "entry has", "entries have")
            self.say(f"There is nothing to describe; {some} a description.")

    def _estimate(self, model: str, new: list[Prompt], each: int) -> dict[str, Any]:
        """Say what the requests come to, about; the numbers."""
        from paperdiary import describe_prompt as prompts
        from paperdiary.describe import estimate
        from paperdiary.listing import counted

        asked, answered = estimate(new, each)
        cost = self.price.of(asked, answered) if self.price else None
        if new:
            told = f"{model}: {counted(len(new), 'request')}, about {asked:,} tokens asked and {answered:,} answered"
            if cost is None:
                told += "; with --price IN,OUT the cost is told"
            else:
                told += f", {prompts.amount(cost)} at this price, and at most twice that where answers are refused"
            self.say(f"{told}. A model that thinks first answers with more.")
        return {"requests": len(new), "tokens_asked": asked, "tokens_answered": answered, "cost": cost}

    def _allowed(self, model: Model, spends: bool) -> None:
        """See that there is a key, and ask the reader where one sits at a terminal."""
        if not spends:
            return
        model.key()
        asks = not self.yes and not self.as_json and _at_terminal()
        if asks and not click.confirm(f"Ask {model.id}?", default=True, err=True):
            self.say("Nothing was asked, and nothing written.")
            raise SystemExit(1)

    def _print(self, result: Result, of: int, number: int = 0) -> None:
        where = f"notes/{result.entry.note}"
        if result.result == "described":
            self.say(f"{f'[{number}/{of}] ' if number else ''}{where}{' (kept)' if result.kept else ''}")
            if not self.as_json:
                for row in result.diff.split("\n"):
                    colour = {"+": "green", "-": "red"}.get(row[:1]) if row[:3] not in {"+++", "---"} else None
                    echo(click.style(visible(row), fg=colour) if colour else visible(row), styled=True)
            return
        said = f": {result.text[:160]}" if result.text and result.result == "refused" else ""
        echo(f"diary: {where}: {result.result}, {_line(result.reason)}{_line(said)}", err=True)

    def _tokens(self, done: Sequence[Result | Outcome]) -> dict[str, Any]:
        asked = [r.asked for r in done]
        answered = [r.answered for r in done]
        if None in asked or None in answered:
            return {"tokens_asked": None, "tokens_answered": None, "cost": None}
        sums = sum(filter(None, asked)), sum(filter(None, answered))
        cost = self.price.of(*sums) if self.price else None
        return {"tokens_asked": sums[0], "tokens_answered": sums[1], "cost": cost}

    def _used(self, done: Sequence[Result | Outcome]) -> None:
        from paperdiary.describe_prompt import amount

        used = self._tokens(done)
        if used["tokens_asked"]:
            cost = f", {amount(used['cost'])}" if used["cost"] is not None else ""
            self.say(f"Used: {used['tokens_asked']:,} tokens asked, {used['tokens_answered']:,} answered{cost}.")

    def _as_dict(self, result: Result) -> dict[str, Any]:
        return {
            "entry": result.entry.id,
            "note": result.entry.note,
            "result": result.result,
            "description": result.text or None,
            "reason": result.reason or None,
            "kept": result.kept,
            "diff": result.diff or None,
        }

    def _end(self, results: list[dict[str, Any]], more: dict[str, Any], key: str = "entries") -> None:
        if self.as_json:
            print_json({"dry_run": self.dry_run, **more, key: results})

    def clusters(self) -> None:
        """Name clusters."""
        from paperdiary import describe, describe_clusters
        from paperdiary.describe_ask import NoAnswerError
        from paperdiary.describe_kept import Kept
        from paperdiary.errors import DiaryError
        from paperdiary.store import Store

        if self.dry_run:
            diary = self.session.diary()
        else:
            diary = describe_clusters.bring_up_to_date(self.config, self.say, self.session.bar)
        naming = describe_clusters.plan(diary, anew=self.anew)
        if naming is None:
            has = "Every cluster has a name that a model or you gave; --anew asks for other ones."
            self.say(has if diary.atlas.clusters else "There are no clusters yet. Run `diary build` first.")
            self._end([], {}, "clusters")
            return
        model = self._model()
        kept = None if self.anew else Kept(Store(self.config), model.signature).get(naming.prompt)
        self.say(f"{len(naming.clusters)} clusters to name{', from an answer that is kept' if kept else ''}.")
        new = [] if kept else [naming.prompt]
        counts = self._estimate(model.id, new, describe_clusters.ANSWERED * len(naming.clusters))
        if self.dry_run:
            would = [{"id": c.id, "was": c.name, "name": None, "result": "to ask"} for c in naming.clusters]
            self._end(would, {"model": model.id, **counts}, "clusters")
            return
        self._allowed(model, bool(new))
        with describe.alone(Store(self.config), self.say):
            try:
                outcome = describe_clusters.ask(self.config, naming, model, anew=self.anew)
            except NoAnswerError as e:
                raise DiaryError(f"{model.id}: {e}. Nothing was named.") from None
            describe_clusters.keep(self.config, diary, outcome, model.id, self.say)
        for one in outcome.names:
            if one.reason:
                told = f"“{_line(one.name)}” is refused, {_line(one.reason)}; it stays “{one.cluster.name}”"
                echo(f"diary: {one.cluster.id}: {told}", err=True)
            elif not self.as_json:
                echo(f"{one.cluster.id}  {one.name}  (was: {one.cluster.name})")
        self._used([outcome])
        results = [
            {
                "id": n.cluster.id,
                "was": n.cluster.name,
                "name": n.cluster.name if n.reason else n.name,
                "result": "refused" if n.reason else "named",
                "answer": n.name,
                "reason": n.reason or None,
            }
            for n in outcome.names
        ]
        self._end(results, {"model": model.id, **counts, "used": self._tokens([outcome])}, "clusters")
        self.say("`diary build` shows the names on the site.")
        if any(n.reason for n in outcome.names):
            raise SystemExit(1)


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _line(text: str) -> str:
    from paperdiary.inert import one_line

    return one_line(text, 300)
