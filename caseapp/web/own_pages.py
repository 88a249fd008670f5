"""Pages about the program itself: whether it is alive, and the accessibility statement (tillgänglighetsredogörelse)."""

from flask import Blueprint, render_template

from caseapp.access import public
from caseapp.installation import answers

blueprint = Blueprint("program", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> tuple[dict[str, str], int]:
    """200 when the database answers, 503 otherwise. Says nothing else."""
    return ({"status": "ok"}, 200) if answers() else ({"status": "unavailable"}, 503)


@blueprint.get("/accessibility")
@public
def accessibility() -> str:
    """The accessibility statement."""
    return render_template("program/accessibility.html")
