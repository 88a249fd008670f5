"""The list of cases, and search."""

from typing import Any

from flask import render_template, request, session

from caseapp.access import Permission, may_ever, needs
from caseapp.accounts.signed_in import current_actor
from caseapp.fields import status_of

from ..finding import list_cases
from ..finding import search as find
from ..forms import SearchForm
from .page import blueprint, page_number

_FILTERS = {"open": True, "closed": False, "all": None}


@blueprint.get("/cases")
@needs(Permission.LIST_CASES)
def listing() -> str:
    """The cases I take part in. The page remembers which of them were last looked at."""
    chosen = request.args.get("show") or session.get("cases_show", "open")
    chosen = chosen if chosen in _FILTERS else "open"
    if session.get("cases_show", "open") != chosen:
        session["cases_show"] = chosen
    actor = current_actor()
    found = list_cases(actor, is_open=_FILTERS[chosen], page=page_number())
    may = {"may_start": may_ever(actor, Permission.CREATE_CASE), "may_keep": may_ever(actor, Permission.READ_RETENTION)}
    return render_template("cases/listing.html", found=found, show=chosen, **may)


@blueprint.route("/cases/search", methods=["GET", "POST"])
@needs(Permission.SEARCH_CASES)
def search() -> Any:
    """Search by name, number or case number. The words are sent in the body, never in the address."""
    form = SearchForm()
    hits = find(current_actor(), form.words.data) if form.validate_on_submit() else None
    may_start = may_ever(current_actor(), Permission.CREATE_CASE)
    return render_template("cases/search.html", form=form, hits=hits, may_start=may_start), status_of(form)
