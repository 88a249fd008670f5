"""The `flask --app wsgi …` commands, thin: each calls one room and says in English what happened.

Exit codes: 0 done, 1 something was found, 2 wrong use, 78 configuration.
"""

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from caseapp import audit, demonstration, installation
from caseapp.accounts.actions import bootstrap_administrator
from caseapp.db import transaction
from caseapp.db.migrate import downgrade, upgrade
from caseapp.importing.commands import imports_commands
from caseapp.keyholder import KeyringError
from caseapp.reminders.commands import remind_command
from caseapp.review.commands import review_commands
from caseapp.statistics.commands import statistics_commands
from caseapp.terminal import CONFIGURATION, database
from caseapp.upkeep.backup import backup_command
from caseapp.upkeep.doctor import doctor_command
from caseapp.upkeep.keys import keys_commands
from caseapp.upkeep.restore import restore_command
from caseapp.upkeep.retention import retention_commands


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
    made.dispose()  # SQLite's files are then whole in themselves, with nothing written ahead
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
@click.option(
    "--checkpoint", "kept", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A checkpoint that was kept elsewhere."
)
def audit_verify(as_json: bool, kept: Path | None) -> None:
    """Walk the whole chain; exit 1 and one line per finding if something is wrong, a new checkpoint if nothing is.

    Example: flask --app wsgi audit verify --json
    """
    at_hand = database()
    elsewhere = [audit.Kept(kept.name, 1, audit.read_checkpoint(kept.read_text("utf-8", errors="replace")))] if kept else []

    def progress(count: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{count} entries", nl=False, err=True)

    with transaction(reading=True) as session:
        count, findings = audit.verify(session, at_hand.keyholder, progress, elsewhere)
    if not findings:
        audit.vouch(at_hand.keyholder)
    if sys.stderr.isatty():
        click.echo("", err=True)
    if as_json:
        click.echo(json.dumps({"entries": count, "findings": [vars(finding) for finding in findings]}))
    else:
        for finding in findings:
            click.echo(f"entry {finding.sequence}: {finding.message}")
        click.echo(f"{count} entries, {len(findings)} findings")
    sys.exit(1 if findings else 0)


@audit_commands.command("checkpoint")
@click.option("--json", "as_json", is_flag=True, help="The checkpoint as `audit verify --checkpoint` takes it, on one line.")
def audit_checkpoint(as_json: bool) -> None:
    """Print how the log ends now, signed: kept somewhere else, it finds an end that was cut off later.

    Example: flask --app wsgi audit checkpoint --json > /media/usb/checkpoint.json
    """
    at_hand = database()
    with transaction(reading=True) as session:
        made = audit.last_checkpoint(session, at_hand.keyholder)
    if made is None:
        click.echo("The log is empty.", err=True)
        sys.exit(1)
    if as_json:
        click.echo(made.written())
        return
    click.echo(f"entry {made.sequence} at {made.at}")
    click.echo(f"mac        {made.mac}")
    click.echo(f"signature  {made.signature}")
    click.echo(f"public key {audit.checkpoint_key(at_hand.keyholder).hex()}")


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
    commands: tuple[Any, ...] = (init, demo_commands, audit_commands, db_commands, statistics_commands)
    commands += (keys_commands, retention_commands, review_commands, imports_commands)
    commands += (backup_command, restore_command, doctor_command, remind_command)
    for command in commands:
        app.cli.add_command(command)
