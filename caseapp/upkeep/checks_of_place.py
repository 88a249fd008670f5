"""The doctor's look at where the installation lies: modes of directory and files, disk space, the newest back-up, the program itself."""

import json
import shutil
import stat
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

from caseapp.access import undeclared
from caseapp.documents.apart import clean
from caseapp.documents.content import Unacceptable
from caseapp.formats import clock

from .backup import STATE
from .looking import FAILED, OK, WARNING, Observation, Patient, all_or_one

_LEAST_FREE = 100 * 2**20  # bytes: below this a database soon stops
_OLDEST_BACKUP = timedelta(days=2)
#: A picture of one pixel (PNG).
_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010100000000376ef924"
    "0000000a49444154789c636000000002000148afa4710000000049454e44ae426082"
)
#: What every answer must carry (OWASP ASVS 5.0.0, V3.4); written here apart from the program that sets it.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "Strict-Transport-Security": "max-age=",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def settings(patient: Patient) -> Iterator[Observation]:
    """The settings can be read (the program would not have started otherwise)."""
    yield Observation(OK, f"The settings are readable; the installation lies in {patient.config.home}.")


def modes(patient: Patient) -> Iterator[Observation]:
    """Nobody but the owner reads the directory, the key file and the databases."""
    wanted = [(patient.config.home, 0o700)]
    private = [patient.config.keyring, *patient.files(), *sorted(patient.config.home.glob("*.log")), patient.config.home / STATE]
    wanted += [(path, 0o600) for path in private if path.exists()]
    wrong = [
        f"{path} has mode {mode:04o}; nobody but its owner may reach it (chmod {most:o})."
        for path, most in wanted
        if (mode := stat.S_IMODE(path.stat().st_mode)) & ~most
    ]
    yield from all_or_one(wrong, f"The directory and {len(wanted) - 1} files in it are their owner's alone.")


def documents(_patient: Patient) -> Iterator[Observation]:
    """A process of its own can be begun, and reads a document."""
    try:
        clean(_PICTURE, most=1000)
        yield Observation(OK, "A document is read and cleaned by a process of its own.")
    except (Unacceptable, OSError):
        yield Observation(FAILED, f"No document can be read: {sys.executable} does not run the program's own modules as Python does.")


def disk(patient: Patient) -> Iterator[Observation]:
    """There is room to go on, and to write the databases anew."""
    free = shutil.disk_usage(patient.config.home).free
    needed = 2 * sum(path.stat().st_size for path in patient.files())
    told = f"{free // 2**20} MiB are free"
    if free < _LEAST_FREE:
        yield Observation(FAILED, f"{told}, too few to go on: make room.")
    elif free < needed:
        yield Observation(WARNING, f"{told}; cleaning the databases after an erasure needs {needed // 2**20} MiB.")
    else:
        yield Observation(OK, f"{told}.")


def newest_backup(patient: Patient) -> Iterator[Observation]:
    """The newest back-up is not old."""
    try:
        told = json.loads((patient.config.home / STATE).read_bytes())
        age = clock.now() - datetime.fromisoformat(told["at"])
    except FileNotFoundError:
        if patient.is_demonstration:
            yield Observation(OK, "No back-up has been made, and the demonstration needs none.")
        else:
            yield Observation(WARNING, "No back-up has been made. Run: flask --app wsgi backup DIR")
        return
    except (ValueError, KeyError, TypeError, OSError):
        yield Observation(WARNING, f"{STATE} cannot be read, so the age of the newest back-up is unknown. Make one.")
        return
    hours = age.total_seconds() / 3600
    state = WARNING if age > _OLDEST_BACKUP and not patient.is_demonstration else OK
    yield Observation(state, f"The newest back-up is {hours:.0f} hours old.")


def addresses(patient: Patient) -> Iterator[Observation]:
    """Every address says which permission it needs, or that it is public."""
    missing = undeclared(patient.app)
    count = len(list(patient.app.url_map.iter_rules()))
    yield from all_or_one([f"The address {name} declares no permission." for name in missing], f"All {count} addresses declare theirs.")


def headers(patient: Patient) -> Iterator[Observation]:
    """An answer carries the headers that protect a browser, and is not kept by anybody."""
    host = patient.config.allowed_hosts[0].lstrip(".") if patient.config.allowed_hosts else "localhost"
    answer = patient.app.test_client().get("/healthz", base_url=f"http://{host}")
    wrong = [f"An answer has no {name} with {part}." for name, part in _HEADERS.items() if part not in answer.headers.get(name, "")]
    if answer.status_code != 200:
        wrong.append(f"/healthz answered {answer.status_code}.")
    yield from all_or_one(wrong, f"An answer carries the {len(_HEADERS)} headers that are looked for.")


def light_start(_patient: Patient) -> Iterator[Observation]:
    """What only statistics needs was not loaded by the start."""
    if "pandas" in sys.modules:
        yield Observation(WARNING, "pandas was loaded at the start, which makes it slow.")
    else:
        yield Observation(OK, "pandas is not loaded by the start.")


def demonstration(patient: Patient) -> Iterator[Observation]:
    """Whether anybody in it is real."""
    if patient.is_demonstration:
        yield Observation(OK, "This is the demonstration: everybody in it is fictitious.")
    else:
        yield Observation(OK, "This is no demonstration.")
