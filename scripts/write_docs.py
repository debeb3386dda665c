"""Write the parts of docs/ that are made from the code: docs/cli.md and docs/configuration.md.

usage: write_docs.py [--check]

With --check nothing is written; the exit status is 1 where a file is not what it would be.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from paperdiary.cli import main
from paperdiary.config import public_options

ROOT = Path(__file__).resolve().parent.parent
EXIT_CODES = """\
## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | a problem; the message says what to do |
| 2 | words on the command line that make no sense |
| 3 | a duplicate; the existing entry is printed |
| 4 | not found |
| 5 | another machine did not answer |

Messages go to stderr, results to stdout.
"""


def cli() -> str:
    """Every command's help."""
    parts = ["# The `diary` command\n", "Made from `diary --help` by `make docs`.\n", _help(main, "diary")]
    for name in main.list_commands(click.Context(main)):
        command = main.commands[name]
        parts += [f"## diary {name}\n", _help(command, f"diary {name}")]
    return "\n".join([*parts, EXIT_CODES])


def _help(command: click.Command, name: str) -> str:
    names = ["-h", "--help"]
    context = click.Context(command, info_name=name, terminal_width=88, max_content_width=88, help_option_names=names)
    return f"```text\n{command.get_help(context)}\n```\n"


LOOK = """
The look is asked for in the theme's palette: with `primary: paper` the site wears the face of Paper Diary, its logo
and its typefaces; with any other primary colour nothing of the theme changes, and the pages of the diary take its
colours. Your own styles come last, and win:

```yaml
theme:
  name: material
  palette: {scheme: default, primary: paper}   # `scheme: slate` is the night
extra_css: [assets/mine.css]                   # :root { --pd-accent: #14532d; }
```
"""


def configuration() -> str:
    """Every option of the plugin."""
    lines = [
        "# Configuration\n",
        "`mkdocs.yml` is the only configuration. Paper Diary's options stand under its plugin:\n",
        "```yaml\nplugins:\n  - paperdiary:\n      clusters: 12\n```\n",
        "| option | default | what |\n|---|---|---|",
    ]
    for option in public_options():
        choices = option.metadata["choices"]
        what = option.metadata["help"] + (f": {', '.join(f'`{c}`' for c in choices)}" if choices else "")
        lines.append(f"| `{option.name}` | `{option.default}` | {what} |")
    return "\n".join([*lines, LOOK])


def pages() -> dict[Path, str]:
    return {ROOT / "docs" / "cli.md": cli(), ROOT / "docs" / "configuration.md": configuration()}


if __name__ == "__main__":
    stale = [path for path, text in pages().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" in sys.argv[1:]:
            print(f"{path.relative_to(ROOT)} is out of date; run `make docs`.", file=sys.stderr)
        else:
            path.write_text(pages()[path], encoding="utf-8")
            print(path.relative_to(ROOT))
    sys.exit(bool(stale) and "--check" in sys.argv[1:])
