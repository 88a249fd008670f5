"""`flask --app wsgi doctor`: does everything this program promises hold here, now? One line for each promise that can be checked.

A check looks at the installation and changes nothing; what it tries it undoes. CHECKS is the whole list: a new check is a function
from a `Patient` to observations, and one line in the table. A check that cannot be carried out has failed. What is not checked: whether
the machine is well kept, whether back-ups lie apart, whether somebody copied the master key.
"""

import json
import sys
from collections.abc import Iterator, Mapping

import click
from flask import current_app

from caseapp.accounts import office
from caseapp.db import transaction
from caseapp.terminal import database

from . import checks_of_place as place
from . import checks_of_records as records
from .looking import FAILED, Check, Observation, Patient

#: Every check by its name, in the order they are made.
CHECKS: Mapping[str, Check] = {
    "settings": place.settings,
    "modes": place.modes,
    "key store": records.key_store,
    "key age": records.key_age,
    "case keys": records.case_keys,
    "erasures": records.erasures,
    "values": records.values,
    "revision": records.revision,
    "database settings": records.settings_of_database,
    "log guard": records.guard,
    "log chain": records.chain,
    "log checkpoints": records.checkpoints,
    "clock": records.the_clock,
    "addresses": place.addresses,
    "headers": place.headers,
    "light start": place.light_start,
    "documents": place.documents,
    "disk": place.disk,
    "back-up": place.newest_backup,
    "demonstration": place.demonstration,
}


def examine(patient: Patient) -> Iterator[tuple[str, Observation]]:
    """(name of the check, what was seen), check by check."""
    for name, check in CHECKS.items():
        try:
            for observation in check(patient):
                yield name, observation
        except Exception as error:  # whatever went wrong, the next check is made; the exception's text may hold anything
            yield name, Observation(FAILED, f"This could not be checked ({type(error).__name__}).")


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable: a list of {check, state, sentence}.")
@click.option("--whole", is_flag=True, help="Walk the whole log, not only its end.")
def doctor_command(as_json: bool, whole: bool) -> None:
    """Check every promise that can be checked on a living installation; exit 1 if one does not hold.

    Example: flask --app wsgi doctor --whole
    """
    at_hand = database()
    with transaction(reading=True):
        is_demonstration = bool(office().settings.get("is_demonstration"))
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    patient = Patient(app, app.extensions["caseapp.config"], at_hand, whole, is_demonstration)
    seen = []
    for name, observation in examine(patient):
        seen.append((name, observation))
        if not as_json:
            click.echo(f"{observation.state:8} {name:18} {observation.sentence}")
    if as_json:
        click.echo(json.dumps([{"check": name, **vars(observation)} for name, observation in seen]))
    sys.exit(1 if any(observation.state == FAILED for _name, observation in seen) else 0)
