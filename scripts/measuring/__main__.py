"""`./scripts/benchmark`: runs the measurements and prints a line for each figure; exit 1 if a limit is not kept.

Each kind runs in a process of its own: what one has imported, declared or filled its memory with is no part of the next one's figures.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from . import Figure

_KINDS = ("rows", "pages", "times", "importing", "searches", "writing", "log", "review", "keys", "backup", "starts", "disclosure")


def _line(figure: Figure) -> str:
    mark = {None: " ", True: "✔", False: "✘"}[figure.is_met]
    limit = "" if figure.limit is None else f"({'≥' if figure.more_is_better else '≤'} {figure.limit:g})"
    return f"{mark} {figure.name:<58} {figure.value:>9.2f} {figure.unit:<3} {limit:<9} {figure.note}"


def _figures(kind: str, *, quick: bool, alone: bool) -> Iterable[Figure]:
    if alone:
        figures: Iterable[Figure] = import_module(f"{__package__}.{kind}").measure(quick=quick)
        return figures
    command = [sys.executable, "-m", __package__ or "", "--only", kind, "--json", *(["--quick"] if quick else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - ourselves
    if done.returncode not in (0, 1):
        raise SystemExit(done.returncode)
    return [Figure(**{name: value for name, value in one.items() if name != "is_met"}) for one in _read(done.stdout)]


def _read(printed: str) -> list[dict[str, Any]]:
    if not printed:
        raise SystemExit(1)  # it went wrong, and said how on its way
    found: list[dict[str, Any]] = json.loads(printed)
    return found


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
        if len(chosen) > 1 or not arguments.json:
            print(f"Measuring {kind} …", file=sys.stderr)
        for figure in _figures(kind, quick=arguments.quick, alone=len(chosen) == 1):
            figures.append(figure)
            if not arguments.json:
                print(_line(figure), flush=True)
    if arguments.json:
        print(json.dumps([{**vars(figure), "is_met": figure.is_met} for figure in figures], ensure_ascii=False, indent=1))
    return 1 if any(figure.is_met is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
