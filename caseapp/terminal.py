"""What every command of the terminal shares: the installation it works on, who works there, and the exit code where there is none."""

import sys

import click
from flask import current_app

from caseapp.access import OPERATOR, Actor
from caseapp.db import Database
from caseapp.installation import unfinished_restore

CONFIGURATION = 78
#: Whoever runs a command: nobody of the office, with the permissions of operation alone.
TERMINAL = Actor("", "", "", roles=frozenset({OPERATOR}))


def database() -> Database:
    """The installation's database, bound to this command. Exits with 78 where nothing is installed."""
    found: Database | None = current_app.extensions["caseapp.database"]
    if found is None and unfinished_restore(current_app.extensions["caseapp.config"]).exists():
        click.echo("A restore was not finished here. Run it again: flask --app wsgi restore DIR", err=True)
        sys.exit(CONFIGURATION)
    if found is None:
        click.echo("Nothing is installed here yet. Run: flask --app wsgi init", err=True)
        sys.exit(CONFIGURATION)
    found.bind()
    click.get_current_context().call_on_close(found.dispose)  # SQLite's files are then whole in themselves
    return found
