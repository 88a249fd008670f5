"""Which statements do the young person and the guardians answer, and in which words?

A short list of our own, in codelists/experience.yaml, answered on the scale Agree5. "Don't know or will not answer" is an answer
of its own and never counted as a low one.
"""

from functools import cache
from pathlib import Path

from caseapp import codelists

_FILE = Path(codelists.__file__).with_name("experience.yaml")
YOUTH, GUARDIAN = "YouthExperience", "GuardianExperience"


def statements(who: str) -> codelists.CodeList:
    """The statements for YOUTH or GUARDIAN, in order: item → words in Swedish and English."""
    return _library().lists[who]


@cache
def _library() -> codelists.Library:
    return codelists.read(_FILE.read_text(encoding="utf-8"))
