"""The pages of statistics: the ledger, a release to look at and decide on, its file."""

from flask import Blueprint, render_template

from caseapp.access import Permission, needs
from caseapp.accounts.signed_in import current_actor

from . import actions

blueprint = Blueprint("statistics", __name__)


@blueprint.get("/statistics")
@needs(Permission.READ_STATISTICS)
def listing() -> str:
    """The quarters and their releases."""
    return render_template("statistics/listing.html", ledger=actions.list_releases(current_actor()))
