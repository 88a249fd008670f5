"""Coming from a spreadsheet: a list of 1 000 young people from the file to saved cases, and all of it taken back."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time

from caseapp import create_app
from caseapp.importing import checking, choosing, saving, taking_in, undoing
from tests.municipality import actor_of

from . import Figure
from .town import FIRST, LAST, make, settings

_WORDING = saving.Wording("Ur listan", "Samtycke i listan", "Gäller inte:")
_HEADINGS = ("Förnamn", "Efternamn", "Födelsedatum", "Aktualiserad", "Vem tog initiativet", "Vad gäller oron", "Vårdnadshavare")


def _list_of(rows: int) -> bytes:
    """A comma-separated list without identity numbers: every name is another one."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";")
    writer.writerow(_HEADINGS)
    for number in range(rows):
        first, last = FIRST[number % len(FIRST)], f"{LAST[number % len(LAST)]} {number}"
        born = f"{2008 + number % 6}-{1 + number % 12:02d}-17"
        writer.writerow((first, last, born, "2026-03-03", "Skola", "Hög frånvaro från skolan", f"Mona {last} 070-174 06 05"))
    return target.getvalue().encode()


def _timed(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return process_time() - began


def measure(*, quick: bool) -> Iterator[Figure]:
    """Processor seconds for 1 000 rows (100 with `quick`): what is waited for at each step."""
    rows = 100 if quick else 1_000
    with tempfile.TemporaryDirectory() as place:
        town = make(Path(place), 0)
        app = create_app(settings(Path(place)))
        app.extensions["caseapp.database"].bind()
        karin, team = actor_of(app, town["karin"]), town.teams["norr"]
        begun: list[str] = []
        taken = _timed(lambda: begun.append(taking_in.take_in(karin, team, _list_of(rows))))
        yield Figure("list taken in", taken, "s", note=f"{rows} rows")
        import_id = begun[0]
        columns = choosing.read_columns(karin, import_id)
        choosing.choose_columns(karin, import_id, columns.mapping, columns.note_type)
        yield Figure("list looked through", _timed(lambda: checking.check(karin, import_id)), "s", note=f"{rows} rows")
        checking.choose_rows(karin, import_id, None)
        yield from _steps("saved", rows, lambda: saving.save_next(karin, import_id, wording=_WORDING).is_done)
        yield from _steps("taken back", rows, lambda: undoing.undo_next(karin, import_id, home=Path(place)))


def _steps(what: str, rows: int, step: Callable[[], bool]) -> Iterator[Figure]:
    taken, ended = [], [False]

    def once() -> None:
        ended[0] = step()

    while not ended[0]:
        taken.append(_timed(once))
    yield Figure(f"list {what}", sum(taken), "s", note=f"{rows} rows in {len(taken)} steps")
    yield Figure(f"list {what}: longest step", max(taken), "s", note="between two looks at how far it is")
