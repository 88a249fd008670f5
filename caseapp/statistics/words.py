"""The steps of making a release in words, in the language of the page or, for whoever sits at a terminal, in English."""

from flask_babel import gettext as _

from caseapp.statistics.steps import WORDS, Step

_ENGLISH = {
    "read": "reading the records",
    "count": "counting",
    "protect": "protecting",
    "certify": "looking for the worlds of the certificate",
    "insider": "asking what somebody who knows some cases could find out",
    "pack": "packing",
}


def step_words(step: Step) -> str:
    """What is going on, as a sentence without its full stop."""
    said = {
        "read": _("Läser de kodade svaren"),
        "count": _("Räknar"),
        "protect": _("Skyddar tabellerna"),
        "certify": _("Söker bevis för att ingen kan hittas"),
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
