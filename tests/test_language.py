"""The English catalogue is complete: every Swedish sentence of the interface has an English one with the same blanks in it."""

import re
import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
_BLANK = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def test_every_swedish_sentence_has_an_english_one():
    checked = subprocess.run([sys.executable, ROOT / "scripts" / "catalogue", "--check"], capture_output=True, text=True, cwd=ROOT)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_an_english_sentence_has_the_same_blanks_as_the_swedish():
    with (ROOT / "caseapp/translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file, locale="en")
    wrong = []
    for message in catalogue:
        swedish = message.id if isinstance(message.id, str) else message.id[-1]
        english = message.string if isinstance(message.string, str) else message.string[-1]
        if swedish and sorted(_BLANK.findall(swedish)) != sorted(_BLANK.findall(english)):
            wrong.append(swedish)
    assert wrong == []
