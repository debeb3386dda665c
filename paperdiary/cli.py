"""The `diary` command: parse arguments, call one function, print.

Results go to stdout, messages to stderr. Heavy modules are imported by the commands that need them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from paperdiary import __version__
from paperdiary.cli_describe import describe
from paperdiary.cli_export import export
from paperdiary.cli_mcp import mcp
from paperdiary.errors import DiaryError, NotFoundError, UsageError
from paperdiary.session import Session, echo, json_option, pass_session, print_json

if TYPE_CHECKING:
    from paperdiary.build import Diary
    from paperdiary.entry import Entry
    from paperdiary.search import Hit

STATUSES = ("queued", "reading", "read")


class _Group(click.Group):
    """Turns the user's mistakes into one sentence and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DiaryError as e:
            _stop(str(e), e.exit_code)
        except BrokenPipeError:
            sys.stderr.close()
            raise SystemExit(0) from None
        except KeyboardInterrupt:
            _stop("Stopped.", 1)


def _stop(message: str, code: int) -> NoReturn:
    echo(f"diary: {message}", err=True)
    raise SystemExit(code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="diary")
@click.option(
    "-C", "directory", type=click.Path(path_type=Path), default=Path(), metavar="DIR",
    help="The diary's folder. Without it, the nearest one at or above this folder that holds mkdocs.yml.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Only errors.")
@click.option("-v", "--verbose", is_flag=True, help="Say more.")
@click.pass_context
def main(ctx: click.Context, directory: Path, quiet: bool, verbose: bool) -> None:
    """The notes you write about what you read, as a site you can explore."""
    ctx.obj = Session(directory, int(verbose) - int(quiet))


@main.command()
@click.argument("directory", type=click.Path(path_type=Path), required=False)
@pass_session
def init(session: Session, directory: Path | None) -> None:
    """Start a diary in DIRECTORY (or here). Existing files are left as they are."""
    from paperdiary import init as starter

    target = directory or session.directory
    written = starter.init(target)
    for path in written:
        echo(path)
    if written:
        session.say("Write notes under notes/, one folder a topic, then run `diary build` and `diary serve`.")
    else:
        session.say("Everything is there already; nothing was written.")


@main.command()
@click.argument("wanted", nargs=-1, metavar="SOURCE...")
@click.option("--topic", metavar="T", help="The folder under notes/ it belongs in; the nearest entries suggest one.")
@click.option("--status", type=click.Choice(STATUSES), help="To be read, being read, or read (the default).")
@click.option("--date", metavar="D", help="The day it was read; today, unless it is queued.")
@click.option("--no-pdf", is_flag=True, help="Do not download the PDF to papers/.")
@click.option("--complete", is_flag=True, help="Look up again what was not known when a note was added.")
@json_option
@pass_session
def add(
    session: Session, wanted: tuple[str, ...], topic: str | None, status: str | None, date: str | None,
    no_pdf: bool, complete: bool, as_json: bool,
) -> None:  # fmt: skip
    """Start a note from an address, and print its path.

    SOURCE is an arXiv id or any of its addresses, a DOI, the address of a paper, post or talk, or a PDF file. "-"
    reads text from standard input and adds every address in it. What is in the diary already is not added again: its
    note's path is printed, and the command ends with 3. Where nobody answers, a note is written with what is known
    and the command ends with 5; `diary add --complete` fills in such notes later (all, or the entries named).
    """
    from paperdiary import add as adding
    from paperdiary import add_report, wishes
    from paperdiary import complete as completing

    config = session.config()
    if complete:
        if topic or status or date:
            raise UsageError("--complete changes nothing that is there: leave out --topic, --status and --date.")
        found = completing.complete(config, wanted, session.say, pdf=not no_pdf)
    else:
        if not wanted:
            raise UsageError("Say what to add, as in `diary add 2302.07515`; `diary add --help` says more.")
        options = adding.Options(topic, status, add_report.day(date), not no_pdf)
        things = [w for text in wanted for w in (wishes.shared(_stdin()) if text == "-" else wishes.read([text]))]
        asks = sys.stdin.isatty() and sys.stderr.isatty() and not as_json
        found = adding.add(config, things, options, session.say, add_report.ask if asks else None)
    results = add_report.results(found, session.say, as_json)
    if as_json:
        print_json([add_report.as_dict(r) for r in results])
    if complete and not results:
        session.say("No note is marked incomplete.")
    if code := adding.gravest(results):
        raise SystemExit(code)


def _stdin() -> str:
    return sys.stdin.buffer.read().decode("utf-8", "replace")


@main.command()
@click.argument("entries", nargs=-1, required=True, metavar="ENTRY...")
@click.option("--date", metavar="D", help="The day it was read, instead of today.")
@json_option
@pass_session
def read(session: Session, entries: tuple[str, ...], date: str | None, as_json: bool) -> None:
    """Say that ENTRY has been read: its note gets the status `read` and today's date.

    ENTRY is an id, an arXiv address, a note's path or a part of a title. Nothing else in the note changes.
    """
    from paperdiary import add_report, marking

    marked, codes = marking.mark_all(session.diary(), entries, add_report.day(date), session.say)
    if as_json:
        print_json([{**m.entry.as_dict(), "changed": m.changed} for m in marked])
    if codes:
        raise SystemExit(max(codes))


@main.command()
@click.option("--strict", is_flag=True, help="Fail on any warning.")
@click.option("--refit", is_flag=True, help="Lay the map out anew, turned towards the last one.")
@click.option("--guard", is_flag=True, help="Fail where over a fifth of the entries is gone without a commit.")
@click.option("--fewer", is_flag=True, help="With --guard: let the fewer entries through, this once.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Append a page about the build.")
@pass_session
def build(session: Session, strict: bool, refit: bool, guard: bool, fewer: bool, report: Path | None) -> None:
    """Make the site from the notes, and say what changed on the map.

    --guard and --report are for a build at night: the first keeps a diary from being published that lost its
    notes by mistake, the second writes Markdown for the page of the run.
    """
    from paperdiary import mkdocs_run, nightly

    config = session.config()
    verbose = session.verbosity > 0
    clock = nightly.Clock(session.bar)
    result = mkdocs_run.build(config, session.say, clock.bar, strict=strict, verbose=verbose, refit=refit)
    session.say(result.summary)
    if report:
        nightly.append(report, result.diary, clock.all(result.seconds))
    if guard:
        if not fewer:
            nightly.guard(result.diary)
        nightly.remember(result.diary)
    if not result.diary.complete:
        raise SystemExit(1)


@main.command()
@click.option("-a", "--address", default="127.0.0.1:8000", show_default=True, help="IP:PORT to serve at.")
@click.option("-o", "--open", "open_browser", is_flag=True, help="Open the site in the browser.")
@pass_session
def serve(session: Session, address: str, open_browser: bool) -> None:
    """Show the site and follow every change of the notes."""
    from paperdiary import mkdocs_run

    mkdocs_run.serve(session.config(), address, open_browser, session.say)


@main.command(name="list")
@click.option("--status", type=click.Choice(STATUSES), help="Only entries with this status.")
@click.option("--topic", metavar="T", help="Only entries in this folder under notes/.")
@click.option("--since", metavar="DATE", help="Only entries read on or after this day (YYYY, YYYY-MM or YYYY-MM-DD).")
@json_option
@pass_session
def list_(session: Session, status: str | None, topic: str | None, since: str | None, as_json: bool) -> None:
    """List entries, newest first; with `--status queued`, nearest first to what was read lately."""
    from paperdiary import listing, queue

    diary = session.diary()
    found = listing.select(diary.entries, status=status, topic=topic, since=since)
    if status == "queued":
        placed = queue.order(diary, found)
        if as_json:
            print_json([{**_entry(diary, q.entry), **q.as_dict()} for q in placed])
            return
        for q in placed:
            echo(f"{q.entry.title}  [{q.entry.note}:{q.entry.line}]\n     {q.why}")
        return
    if as_json:
        print_json([_entry(diary, e) for e in found])
        return
    for entry in found:
        echo(f"{entry.date or '-':10}  {entry.status:7}  {entry.title}  [{entry.note}:{entry.line}]")


@main.command()
@json_option
@pass_session
def check(session: Session, as_json: bool) -> None:
    """Look for what is broken or missing in the notes; docs/check.md explains every code.

    Ends with 1 where there is an error, with 0 where there are only warnings and hints. What is alike in one note is
    told together; `diary -v check` and --json tell each finding.
    """
    from paperdiary import check as checks
    from paperdiary import check_report

    diary = session.diary()
    found = checks.check(diary.config, diary.notes)
    errors = sum(p.severity == "error" for p in found)
    if as_json:
        print_json([p.as_dict() for p in found])
    else:
        for row in check_report.rows(found, whole=session.verbosity > 0):
            echo(row)
    session.say(check_report.summary(found, len(diary.notes)))
    if errors:
        raise SystemExit(1)


@main.command()
@json_option
@pass_session
def stats(session: Session, as_json: bool) -> None:
    """Show the figures of the diary."""
    from paperdiary.stats import figures

    diary = session.diary()
    found = figures(diary.entries, diary.atlas)
    if as_json:
        print_json(found)
        return
    for name in ("entries", "read", "reading", "queued", "topics", "clusters", "first", "last", "days"):
        click.echo(f"{name:16}{found[name] if found[name] is not None else '-'}")
    click.echo(f"{'a day':16}{found['average_per_day']:.2f}")
    click.echo(f"{'longest streak':16}{found['longest_streak']} days")
    for title, part in (("kind", "by_kind"), ("topic", "by_topic"), ("cluster", "by_cluster")):
        for name, count in found[part].items():
            echo(f"{title:9}{count:5}  {name or '(none)'}")


@main.command()
@click.argument("query", nargs=-1, required=True)
@click.option(
    "-k", "count", type=click.IntRange(1), default=10, show_default=True, metavar="N", help="How many entries."
)
@click.option("--exact", is_flag=True, help="Read the query with the whole model: slower, a little better.")
@json_option
@pass_session
def search(session: Session, query: tuple[str, ...], count: int, exact: bool, as_json: bool) -> None:
    """Find the entries that answer QUERY, each with its best passage.

    QUERY is words, a "quoted phrase", an arXiv id, an address or a title. tag:, topic:, status: and kind: before a
    word, and before: and after: with a date, leave out all other entries; alone they list what is there, newest first.
    QUERY "-" reads a query a line from standard input; with --json each is answered by a JSON array on a line of
    its own.
    """
    from paperdiary.searcher import Searcher

    diary = session.diary()
    many = query == ("-",)
    searcher = Searcher(diary, session.say, exact=exact)
    if not many:
        _answer(session, diary, searcher.search(_words(" ".join(query)), count), as_json)
        return
    from paperdiary.answers import queries

    for line in queries(sys.stdin.buffer.read()):
        hits = searcher.search(line, count) if line else []
        if as_json:
            print_json(_hits(diary, hits), indent=None)
        else:
            _answer(session, diary, hits, False)
            click.echo()


def _words(query: str) -> str:
    if not query.strip():
        raise UsageError("The query is empty. Type what you remember, as in `diary search 'robots that learn'`.")
    return query


def _answer(session: Session, diary: Diary, hits: Sequence[Hit], as_json: bool) -> None:
    from paperdiary import answers

    if as_json:
        print_json(_hits(diary, hits))
        return
    by_id = {e.id: e for e in diary.entries}
    for hit in hits:
        for line in answers.lines(hit, by_id[hit.entry], lambda text: click.style(text, bold=True)):
            echo(line, styled=True)
    if not hits:
        session.say("Nothing in the notes answers to that.")


@main.command()
@click.argument("entry")
@click.option(
    "-k", "count", type=click.IntRange(1), default=5, show_default=True, metavar="N", help="How many entries."
)
@json_option
@pass_session
def related(session: Session, entry: str, count: int, as_json: bool) -> None:
    """List the entries nearest to ENTRY: an id, an arXiv address, a note's path or a part of a title."""
    from paperdiary import search as index
    from paperdiary.store import Store

    diary = session.diary()
    found = index.find_entry(diary.entries, entry)
    ids, vectors = index.Index(Store(diary.config)).entry_vectors()
    by_id = {e.id: e for e in diary.entries}
    if found.id not in ids:
        raise NotFoundError(f"“{found.title}” is not in the search index yet. Run `diary build` first.")
    nearest = [(by_id[i], c) for i, c in index.nearest_to(found.id, ids, vectors) if i in by_id][:count]
    if as_json:
        print_json([{**_entry(diary, e), "rank": n, "similarity": c} for n, (e, c) in enumerate(nearest, 1)])
        return
    for other, cosine in nearest:
        echo(f"{cosine:.2f}  {other.title}  [{other.note}:{other.line}]")


@main.command(name="import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--dry-run", is_flag=True, help="Print what would be done and write nothing.")
@json_option
@pass_session
def import_(session: Session, paths: tuple[Path, ...], dry_run: bool, as_json: bool) -> None:
    """Bring notes that are elsewhere into notes/; nothing that exists is overwritten.

    PATH is a folder of notes, a Markdown or text file, captions of a talk (.vtt, .srt, or copied from YouTube), a
    BibTeX file, or CSL-JSON as Zotero exports it. Damaged text is repaired, and every repair is printed.
    """
    from paperdiary import importing
    from paperdiary.importing import report

    config = session.config()
    plan = importing.plan(config, paths)
    if not dry_run:
        importing.execute(config, plan)
    for line in report.problems(plan):
        echo(line, err=True)
    if as_json:
        print_json({"dry_run": dry_run, **plan.as_dict()})
    else:
        for line in report.lines(plan, dry_run):
            echo(line)
    importing.refuse_duplicates(plan)
    session.say(report.summary(plan, dry_run))


def _entry(diary: Diary, entry: Entry) -> dict[str, Any]:
    place = diary.atlas.places.get(entry.id)
    return entry.as_dict(place.cluster if place else None, atlas=bool(diary.atlas.places))


def _hits(diary: Diary, hits: Sequence[Hit]) -> list[dict[str, Any]]:
    from paperdiary import answers

    by_id = {e.id: e for e in diary.entries}
    return [answers.as_dict(hit, _entry(diary, by_id[hit.entry])) for hit in hits]


main.add_command(mcp)
main.add_command(describe)
main.add_command(export)
