"""How often title and abstract of PDFs are found right.

    python scripts/bench_pdf.py FOLDER [--truth truth.jsonl] [--show]

FOLDER holds PDFs. The truth has a JSON object a line with `file` (name of the PDF), `title` and `abstract`;
without one, what was found is printed, to be looked over. Right means alike in at least 90 % of the letters
and digits, as `difflib` counts them.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import time
import unicodedata
from pathlib import Path

from paperdiary import pdf
from paperdiary.errors import PdfError

ALIKE = 0.9


def plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKD", text).casefold())


def alike(found: str, wanted: str) -> float:
    """Between 0 and 1; letters and digits alone count."""
    a, b = plain(found), plain(wanted)
    if not a or not b:
        return float(a == b)
    return 1.0 if a == b else difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()


def main() -> None:
    parser = argparse.ArgumentParser(description="How often title and abstract of PDFs are found right.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--truth", type=Path, help="JSON lines with file, title, abstract")
    parser.add_argument("--show", action="store_true", help="print what is wrong")
    options = parser.parse_args()
    truth = {}
    if options.truth:
        rows = [json.loads(line) for line in options.truth.read_text(encoding="utf-8").splitlines() if line.strip()]
        truth = {Path(row["file"]).name: row for row in rows}
    right = {"title": 0, "abstract": 0}
    both = counted = 0
    slowest = total = 0.0
    for path in sorted(options.folder.rglob("*.pdf")):
        if truth and path.name not in truth:
            continue
        started = time.perf_counter()
        try:
            found = pdf.read(path)
        except PdfError as e:
            found = pdf.Document()
            print(e)
        took = time.perf_counter() - started
        slowest, total, counted = max(slowest, took), total + took, counted + 1
        if not truth:
            print(f"{path.name}  {took:.2f} s  {found.problem}\n  {found.title}\n  {found.abstract[:300]}")
            continue
        wanted = truth[path.name]
        good = {key: alike(getattr(found, key), wanted.get(key) or "") >= ALIKE for key in right}
        both += all(good.values())
        for key, is_good in good.items():
            right[key] += is_good
            if options.show and not is_good:
                print(f"{path.name}: {key}\n  found  {getattr(found, key)[:300]}")
                print(f"  wanted {(wanted.get(key) or '')[:300]}")
    if not counted:
        raise SystemExit(f"There is no PDF in {options.folder}{' that the truth names' if truth else ''}.")
    print(f"{counted} PDFs, {total / counted:.2f} s each, the slowest {slowest:.2f} s")
    if truth:
        for key, number in {**right, "both": both}.items():
            print(f"{key:9} {number}/{counted} = {number / counted:.1%}")


if __name__ == "__main__":
    main()
