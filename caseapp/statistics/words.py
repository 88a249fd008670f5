"""The steps of making a release, and what is wrong with a table that is recorded, in words.

In the language of the page or, of the steps, for whoever sits at a terminal, in English.
"""

from flask_babel import gettext as _

from caseapp.statistics.outside import Problem
from caseapp.statistics.steps import WORDS, Step

_ENGLISH = {
    "read": "reading the records",
    "count": "counting",
    "protect": "protecting",
    "insider": "asking what somebody who knows some cases could find out",
    "pack": "packing",
}


def step_words(step: Step) -> str:
    """What is going on, as a sentence without its full stop."""
    said = {
        "read": _("Läser de kodade svaren"),
        "count": _("Räknar"),
        "protect": _("Skyddar tabellerna"),
        "insider": _("Prövar vad den som känner till enskilda ärenden kan räkna ut"),
        "pack": _("Packar filerna"),
    }[step.word]
    return _("%(what)s: %(at)s av %(of)s", what=said, at=step.at, of=step.of) if step.of else said


def english_words(step: Step) -> str:
    """The same for a terminal."""
    return f"{_ENGLISH[step.word]}: {step.at} of {step.of}" if step.of else _ENGLISH[step.word]


def part_done(step: Step) -> tuple[int, int]:
    """(parts done, parts in all) of a bar: each step is ten parts, whatever time it takes."""
    inside = 10 * step.at // step.of if step.of else 0
    return 10 * WORDS.index(step.word) + min(inside, 9), 10 * len(WORDS)


def problem_words(problem: Problem) -> str:
    """What is wrong with a table, and where."""
    said = {
        "no_rows": _("Skriv kolumnernas namn på första raden och minst en rad under den."),
        "too_many_rows": _("Tabellen har fler än 2000 rader. Dela upp den."),
        "no_count_column": _("En kolumn, och bara en, ska heta count och ha antalen."),
        "unknown_column": _("Kolumnen %(text)s finns inte för det som tabellen räknar.", text=problem.text),
        "columns_together": _("Kolumnerna %(text)s går inte att använda i samma tabell.", text=problem.text),
        "unknown_code": _("Koden finns inte. %(text)s", text=problem.text),
        "no_number": _("Antalet ska vara ett helt tal utan mellanslag, eller X. Det står: %(text)s", text=problem.text),
        "small": _("Antalet %(text)s är litet och går inte att dölja i efterhand. Skriv X.", text=problem.text),
        "twice": _("Samma rad står två gånger."),
        "contradicts_itself": _("Talen går inte ihop: någon summa är inte summan av sina delar."),
        "small_follows": _("Ett litet antal går att räkna ut ur talen i tabellen. Det går inte att dölja i efterhand: skriv X för fler."),
        "contradicts_another": _("Tabellen går inte ihop med en annan som är godkänd för samma kvartal."),
    }[problem.code]
    return _("Rad %(line)s: %(what)s", line=problem.line, what=said) if problem.line else said
