"""Another spreadsheet program: what does it read in a workbook of ours, and what does it write that we are to read?

LibreOffice without a window, each time with a profile of its own so that nothing of one conversion is in another and several can run
at once. `scripts/test` brings it and names it in CASEAPP_LIBREOFFICE; empty there means that it was left out (--fast).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

PROGRAM = os.environ.get("CASEAPP_LIBREOFFICE", shutil.which("soffice") or "soffice")
#: CSV of every sheet: comma, quotes, UTF-8, values as shown, texts in quotes; -1 asks for all sheets, each in a file of its own.
EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false,false,false,-1"
#: How a list that Excel's Swedish edition saved is read: semicolons, UTF-8, Swedish (1053), nothing kept as text but what is quoted.
SWEDISH_LIST = "CSV:59,34,76,1,,1053,true,true"


def convert(source: Path, kind: str, folder: Path, reading: str = "") -> list[Path]:
    """The files that LibreOffice made of one: `kind` is a format and its options, `reading` how the source is to be understood."""
    folder.mkdir(parents=True, exist_ok=True)
    before = set(folder.iterdir())
    profile = folder.parent / f"{folder.name}-profile"
    command = [PROGRAM, f"-env:UserInstallation=file://{profile}", "--headless", "--norestore", "--nolockcheck"]
    command += [f"--infilter={reading}"] if reading else []
    command += ["--convert-to", kind, "--outdir", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    made = sorted(set(folder.iterdir()) - before)
    assert made, done.stdout + done.stderr
    return made
