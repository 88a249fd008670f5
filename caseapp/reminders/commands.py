"""`flask --app wsgi remind`: today's letters, from a timer. Exit codes: 0 all done, 1 some could not be delivered, 78 configuration."""

import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from caseapp.access import DamagedRow
from caseapp.terminal import CONFIGURATION, TERMINAL, database

from . import actions
from .letters import composed
from .post import NOT_DELIVERED, NoPost, Post, post_office


@click.command("remind")
@click.option("--dry-run", is_flag=True, help="Only count the letters that would be sent.")
@with_appcontext
def remind_command(dry_run: bool) -> None:
    """Send today's reminders to those who asked for them: counts and a link, never a name. Again on the same day sends no second one.

    Example, each morning from a timer: flask --app wsgi remind
    """
    database()
    config = current_app.extensions["caseapp.config"]
    if not config.smtp_url:
        click.echo("No mail server is set: CASEAPP_SMTP_URL, CASEAPP_SMTP_FROM and CASEAPP_ADDRESS. Nothing was sent.", err=True)
        sys.exit(CONFIGURATION)
    try:
        waiting = actions.due_today(TERMINAL)
        if dry_run:
            letters = [letter for one in waiting if (letter := actions.write_letter(TERMINAL, one))]
            click.echo(f"{len(letters)} letters would be sent")
            return
        with post_office(config.smtp_url) as post:
            results = [_send(post, one) for one in waiting]
    except NoPost as error:
        click.echo(f"Nothing more was sent: {error}.", err=True)
        sys.exit(1)
    except DamagedRow as damage:
        click.echo(f"A row was changed past the application, so no more is sent: {damage}.", err=True)
        sys.exit(1)
    sent, failed = results.count("sent"), results.count("failed")
    click.echo(f"{sent} sent, {results.count('nothing')} with nothing to tell, {failed} not delivered")
    sys.exit(1 if failed else 0)


def _send(post: Post, reminder_id: str) -> str:
    letter = actions.write_letter(TERMINAL, reminder_id)
    if letter is None:
        return "nothing"
    config = current_app.extensions["caseapp.config"]
    try:
        post.deliver(composed(letter, sender=config.smtp_from, address=config.address))
    except NOT_DELIVERED:  # the address stays unsaid: a command's output is kept in places that are not ours
        return "failed"
    actions.note_sent(TERMINAL, reminder_id)
    return "sent"
