"""`python -m paperdiary` is `diary`."""

from paperdiary.cli import main

main(prog_name="diary")
