"""What every command of the terminal shares: the installation it works on, and the exit code where there is none."""

import sys

import click
from flask import current_app

from caseapp.db import Database

CONFIGURATION = 78


def database() -> Database:
    """The installation's database, bound to this command. Exits with 78 where nothing is installed."""
    found: Database | None = current_app.extensions["caseapp.database"]
    if found is None:
        click.echo("Nothing is installed here yet. Run: flask --app wsgi init", err=True)
        sys.exit(CONFIGURATION)
    found.bind()
    return found
