"""`flask --app wsgi imports …`: what lists on their way in have left, cleaned up. Run it from a timer, each night.

The pages do the same when somebody begins an import; this is for the nights in which nobody does. Exit codes: 0 done, 2 wrong use, 78
configuration, 1 where the erasure ledger cannot be read.
"""

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from caseapp.terminal import TERMINAL, database
from caseapp.upkeep.ledger import DamagedLedger

from .taking_in import sweep
from .undoing import finish

imports_commands = AppGroup("imports", help="Lists from Excel that are on their way in.")


@imports_commands.command("sweep")
def sweep_command() -> None:
    """Destroy the lists that are a day old, with their keys, and finish what was being taken back when something interrupted it.

    Example: flask --app wsgi imports sweep
    """
    database()
    gone = sweep(TERMINAL)
    try:
        finish(current_app.extensions["caseapp.config"].home)
    except DamagedLedger as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    click.echo(f"{gone} lists destroyed")
