"""`./scripts/benchmark`: runs the measurements and prints a line for each figure; exit 1 if a limit is not kept."""

import argparse
import json
import sys

from . import Figure, backup, keys, log, pages, review, rows, searches, starts, writing

_KINDS = {
    "rows": rows.measure,
    "pages": pages.measure,
    "searches": searches.measure,
    "writing": writing.measure,
    "log": log.measure,
    "review": review.measure,
    "keys": keys.measure,
    "backup": backup.measure,
    "starts": starts.measure,
}


def _line(figure: Figure) -> str:
    mark = {None: " ", True: "✔", False: "✘"}[figure.is_met]
    limit = "" if figure.limit is None else f"({'≥' if figure.more_is_better else '≤'} {figure.limit:g})"
    return f"{mark} {figure.name:<58} {figure.value:>9.2f} {figure.unit:<3} {limit:<9} {figure.note}"


def main() -> int:
    """Run what was chosen."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description="Ratios against plaintext and peers, interleaved, medians.")
    parser.add_argument("--quick", action="store_true", help="smaller sizes and fewer rounds; a first look, not a figure to quote")
    parser.add_argument("--json", action="store_true", help="machine-readable result")
    parser.add_argument("--only", default=",".join(_KINDS), help=f"comma-separated: {', '.join(_KINDS)}")
    arguments = parser.parse_args()
    chosen = arguments.only.split(",")
    unknown = [kind for kind in chosen if kind not in _KINDS]
    if unknown:
        parser.error(f"there is no measurement called {', '.join(unknown)}")
    figures = []
    for kind in chosen:
        print(f"Measuring {kind} …", file=sys.stderr)
        for figure in _KINDS[kind](quick=arguments.quick):
            figures.append(figure)
            if not arguments.json:
                print(_line(figure), flush=True)
    if arguments.json:
        print(json.dumps([{**vars(figure), "is_met": figure.is_met} for figure in figures], ensure_ascii=False, indent=1))
    return 1 if any(figure.is_met is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
