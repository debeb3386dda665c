"""`diary mcp`: the diary for a language model's client."""

from __future__ import annotations

import click

from paperdiary.session import Session, pass_session


@click.command()
@click.option("--allow-writes", is_flag=True, help="Let the client add notes too, as `diary add` does.")
@pass_session
def mcp(session: Session, allow_writes: bool) -> None:
    """Answer a program that speaks the Model Context Protocol, on standard input and output.

    Such a program (an assistant, an editor) starts this command itself; docs/mcp.md shows what to write in its
    settings. It can search, read and list the notes and changes nothing, unless --allow-writes lets it add notes.
    """
    config = session.config()
    from paperdiary import mcpserver

    mcpserver.serve(config, allow_writes=allow_writes, say=session.say)
