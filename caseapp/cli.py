"""The `flask --app wsgi …` commands, thin: each calls one room and says in English what happened.

Exit codes: 0 done, 1 something was found, 2 wrong use, 78 configuration.
"""

import json
import sys
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from caseapp import audit, demonstration, installation
from caseapp.accounts.actions import bootstrap_administrator
from caseapp.db import transaction
from caseapp.db.migrate import downgrade, upgrade
from caseapp.keyholder import KeyringError
from caseapp.statistics.commands import statistics_commands
from caseapp.terminal import CONFIGURATION, database
from caseapp.upkeep.keys import keys_commands


@click.command("init")
@click.option("--municipality", default="Kommunen", show_default=True, help="Name of the municipality.")
def init(municipality: str) -> None:
    """Make keys, key store and database, and print the first administrator's invitation.

    Example: flask --app wsgi init --municipality "Ekhamra kommun"
    """
    try:
        made = installation.create(current_app.extensions["caseapp.config"])
    except installation.AlreadyInstalled as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except KeyringError as error:
        click.echo(str(error), err=True)
        sys.exit(CONFIGURATION)
    current_app.extensions["caseapp.database"] = made
    made.bind()
    token = bootstrap_administrator(municipality)
    click.echo(f"Installed in {current_app.extensions['caseapp.config'].home}")
    click.echo(f"Invitation for the first administrator (works once, 7 days): /invitation/{token}")


demo_commands = AppGroup("demo", help="The demonstration municipality. Everybody in it is fictitious.")


@demo_commands.command("load")
@click.option("--cases", type=click.IntRange(1, 500), default=60, show_default=True, help="How many cases.")
@click.option("--quarters", type=click.IntRange(2, 12), default=5, show_default=True, help="Over how many quarters, the last one today's.")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides every name, number and text.")
def demo_load(cases: int, quarters: int, seed: int) -> None:
    """Fill an empty installation with a fictitious municipality; make the installation first where there is none.

    Example: flask --app wsgi demo load --cases 60 --quarters 5 --seed 1
    """
    if current_app.extensions["caseapp.database"] is None:
        current_app.extensions["caseapp.database"] = made = installation.create(current_app.extensions["caseapp.config"])
        made.bind()
        bootstrap_administrator("Kommunen")
    database()
    try:
        with click.progressbar(length=1000, label="Loading", file=sys.stderr) as bar:
            is_new = demonstration.load(
                cases=cases, quarters=quarters, seed=seed, progress=lambda share: bar.update(int(share * 1000) - bar.pos)
            )
    except demonstration.RealDataHere:
        click.echo("This installation is in use and holds no demonstration; nothing was changed.", err=True)
        sys.exit(1)
    except demonstration.Interrupted:
        click.echo("An earlier load was interrupted here; begin again in an empty CASEAPP_HOME. Nothing was changed.", err=True)
        sys.exit(1)
    click.echo("The demonstration is loaded." if is_new else "The demonstration is here already; nothing was changed.")


@demo_commands.command("people")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable: name, login, password, totp_secret, agency, role, team.")
def demo_people(as_json: bool) -> None:
    """List who can sign in to the demonstration, and how; exit 1 where there is none.

    Example: flask --app wsgi demo people --json
    """
    database()
    standing, seed = demonstration.standing()
    if standing is not demonstration.Standing.WHOLE:
        click.echo("There is no demonstration in this installation.", err=True)
        sys.exit(1)
    people = demonstration.people(seed)
    if as_json:
        click.echo(json.dumps([vars(person) for person in people], ensure_ascii=False, indent=1))
        return
    for person in people:
        click.echo(f"{person.login:10} {person.password}  {person.totp_secret}  {person.role}, {person.agency}")


audit_commands = AppGroup("audit", help="The log.")


@audit_commands.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable result.")
def audit_verify(as_json: bool) -> None:
    """Walk the whole chain; exit 1 and one line per finding if something is wrong.

    Example: flask --app wsgi audit verify --json
    """
    at_hand = database()

    def progress(count: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{count} entries", nl=False, err=True)

    with transaction(reading=True) as session:
        count, findings = audit.verify(session, at_hand.keyholder, progress)
    if as_json:
        click.echo(json.dumps({"entries": count, "findings": [vars(finding) for finding in findings]}))
    else:
        for finding in findings:
            click.echo(f"entry {finding.sequence}: {finding.message}")
        click.echo(f"{count} entries, {len(findings)} findings")
    sys.exit(1 if findings else 0)


db_commands = AppGroup("db", help="The shape of the database.")


@db_commands.command("upgrade")
@click.argument("revision", default="head")
def db_upgrade(revision: str) -> None:
    """Bring the database to a revision. Example: flask --app wsgi db upgrade"""
    upgrade(database().engine, revision)
    click.echo(f"database is at {revision}")


@db_commands.command("downgrade")
@click.argument("revision")
def db_downgrade(revision: str) -> None:
    """Take the database back to a revision. Example: flask --app wsgi db downgrade 0001"""
    downgrade(database().engine, revision)
    click.echo(f"database is at {revision}")


def register(app: Flask) -> None:
    """Put the commands on this application."""
    commands: tuple[Any, ...] = (init, demo_commands, audit_commands, db_commands, statistics_commands, keys_commands)
    for command in commands:
        app.cli.add_command(command)
