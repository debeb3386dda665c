"""`diary export`: chosen entries as a bibliography or as a table."""

from __future__ import annotations

from pathlib import Path

import click

from paperdiary.errors import UsageError
from paperdiary.export import FORMATS, Wanted, choose
from paperdiary.session import Session, echo, pass_session

_HELP = """Give the entries, or each ENTRY, in a form that other programs read.

ENTRY is a citation key, an id, an address, a note's path or a part of a title. A bibliography is printed, sorted by
citation key, unless -o names a file; the other formats write a file or a folder.

\b
FORMAT is one of:
"""


@click.command(help=_HELP + "\n".join(f"  {f.name:10} {f.about}" for f in FORMATS.values()))
@click.argument("form", metavar="FORMAT", type=click.Choice(list(FORMATS), case_sensitive=False))
@click.argument("entries", nargs=-1, metavar="[ENTRY]...")
@click.option("--topic", metavar="T", help="Only entries in this folder under notes/.")
@click.option("--cluster", metavar="C", help="Only entries of this cluster: its name or its id.")
@click.option("--status", type=click.Choice(("queued", "reading", "read")), help="Only entries with this status.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE.")
@click.option("--view", type=click.Choice(("tsne", "umap", "pca")), help="The map whose places parquet holds.")
@pass_session
def export(
    session: Session,
    form: str,
    entries: tuple[str, ...],
    topic: str | None,
    cluster: str | None,
    status: str | None,
    output: Path | None,
    view: str | None,
) -> None:
    from paperdiary.listing import counted
    from paperdiary.store import write_atomic

    chosen = FORMATS[form]
    if view and not chosen.views:
        raise UsageError(f"{chosen.name} has no map in it: leave out --view.")
    target = output or Path(chosen.default)
    if output and chosen.shape != "folder" and output.is_dir():
        raise UsageError(f"{output} is a folder. Name a file in it, as in `-o {output / chosen.default}`.")
    if output and chosen.shape == "folder" and output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file, and {chosen.name} writes a folder. Give it another name.")
    diary = session.diary()
    found = choose(diary, entries, topic=topic, cluster=cluster, status=status)
    if not found:
        raise UsageError("No entry fits all of that; nothing was written. `diary list` shows what there is.")
    files = chosen.make(Wanted(diary, found, target, bool(entries), view or "", session.say))
    if output is None and chosen.shape == "text":
        text = files[target]
        click.echo(text if isinstance(text, bytes) else text.encode(), nl=False)
        return
    for path, content in files.items():
        write_atomic(path, content)
        echo(path)
    session.say(f"{counted(len(found), 'entry', 'entries')} as {chosen.name}.")
    if hint := chosen.next(target):
        session.say(hint)
