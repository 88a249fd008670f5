"""Drafts on pages: a view that declares its drafts (`access.keeps_draft`) needs nothing more.

Before such a view runs it is looked whether a draft is kept at its address. If it is asked for (`?draft=` and its id), the view's form
begins with what was typed (see `fields.Form`); otherwise the form's macro shows that there is one. The page carries a signed word of
which form it is, so that what a script or a button sends to the one address `/drafts` is kept where it belongs.
"""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException

from caseapp.access import Permission, draft_of, needs, now
from caseapp.accounts.signed_in import current_actor
from caseapp.fields import for_a_page, language, page_of
from caseapp.formats import clock_time, day_words, local_day

from . import actions
from .actions import DraftCard, Place
from .rules import LONGEST_PATH, NEVER_KEPT, what_is_kept

blueprint = Blueprint("drafts", __name__)


@dataclass
class Here:
    """What the page at hand has to do with drafts: the form's signed word, a draft that is offered, or the one that is in use."""

    place: Place
    offered: DraftCard | None = None
    in_use: DraftCard | None = None

    @property
    def word(self) -> str:
        """The form as it is named, signed, in the page."""
        return _signer().dumps(asdict(self.place))

    @property
    def use_url(self) -> str:
        """The form's page, filled in from the draft that is offered."""
        assert self.offered is not None
        return _with_draft(self.place.path, self.offered.id)

    @property
    def throw_url(self) -> str:
        """Where the draft is thrown away."""
        card = self.offered or self.in_use
        assert card is not None
        return url_for("drafts.throw_away", case_id=card.case_id, draft_id=card.id)


@blueprint.before_app_request
def _look() -> None:
    declared = draft_of(current_app.view_functions.get(request.endpoint or ""))
    if declared is None or not current_actor().user_id:
        return
    place = _place_in(request.form.get("draft", "")) if request.method == "POST" else None
    case_id = (request.view_args or {}).get("case_id")
    if place is None and case_id is not None:
        place = Place(_own_path(), str(case_id), declared.owner, declared.kind)
    if place is not None and len(place.path) <= LONGEST_PATH:
        begin(place)


def begin(place: Place) -> None:
    """Let the page at hand take part: for a view whose address does not name the case, once it knows which it shows."""
    actor, here = current_actor(), Here(place)
    if not actions.keeps_drafts(actor, place.case_id):
        return  # the page itself says why it is shut, or is one that a closed case has
    g.draft_here, g.draft_at = here, place.path
    if request.method != "GET" or not actions.is_there(actor, place.path):
        return
    card = actions.read_draft(actor, place.case_id, place.path)
    if card is not None and request.args.get("draft") == card.id and isinstance(card.answers, tuple):
        here.in_use = card
        g.draft_in_use = ImmutableMultiDict(card.answers)
    else:
        here.offered = card


def is_written_for(agency_id: str) -> None:
    """Say which agency's compartment the form of the page at hand writes in, where only the view can tell."""
    here = g.get("draft_here")
    if here is not None:
        here.place = Place(here.place.path, here.place.case_id, agency_id, here.place.kind)


@blueprint.app_template_global("draft_here")
def draft_here() -> Here | None:
    """For the form's macro; None where the page keeps no drafts."""
    here: Here | None = g.get("draft_here")
    return here


@blueprint.app_template_filter("draft_time")
def draft_time(moment: Any) -> str:
    """14.32, with the day before it unless that is today."""
    lang, day = language(), local_day(moment)
    hour = clock_time(moment, lang)
    return hour if day == local_day(now()) else f"{day_words(day, lang)} {hour}"


@blueprint.post("/drafts")
@needs(Permission.KEEP_DRAFT)
def keep() -> Any:
    """Keep what is typed. A script is answered with the time, in words, or with nothing where there is nothing to keep any more."""
    place = _place_in(request.form.get("draft", ""))
    answers = what_is_kept((for_a_page(name), for_a_page(text)) for name, text in request.form.items(multi=True) if name != "by")
    if place is None or answers is None:
        typed = [(name, for_a_page(text)) for name, text in request.form.items(multi=True) if name not in NEVER_KEPT]
        return render_template("errors/typed_text.html", why="token", typed=typed, action=request.path), 400
    saved_at = actions.keep_draft(current_actor(), place, answers, page=page_of(request.form.get("once", "")))
    if request.form.get("by") == "script":
        return (draft_time(saved_at) if saved_at else "", 200 if saved_at else 204, {"Content-Type": "text/plain; charset=utf-8"})
    if saved_at is None:
        return redirect(place.path, code=303)
    flash(_("Utkastet är sparat. Bara du kan läsa det."), "success")
    card = actions.read_draft(current_actor(), place.case_id, place.path)
    return redirect(_with_draft(place.path, card.id) if card else place.path, code=303)


@blueprint.post("/cases/<uuid:case_id>/drafts/<uuid:draft_id>/throw-away")
@needs(Permission.KEEP_DRAFT)
def throw_away(case_id: UUID, draft_id: UUID) -> Any:
    """Throw a draft away, and go back to its form."""
    path = actions.throw_away(current_actor(), str(case_id), str(draft_id))
    flash(_("Utkastet är kastat."), "success")
    return redirect(path or url_for("day.my_day"), code=303)


def words_of(path: str) -> Any:
    """What is written at the form with this address, as its view declares it; "" where no view does any more."""
    adapter = current_app.url_map.bind("localhost")
    try:
        endpoint, _values = adapter.match(path.partition("?")[0], method="GET")
    except HTTPException:
        return ""
    declared = draft_of(current_app.view_functions.get(endpoint))
    return declared.words if declared else ""


def _own_path() -> str:
    asked = urlencode([(name, text) for name, text in request.args.items(multi=True) if name != "draft"])
    return f"{request.path}?{asked}" if asked else request.path


def _with_draft(path: str, draft_id: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{urlencode({'draft': draft_id})}"


def _place_in(word: str) -> Place | None:
    try:
        return Place(**_signer().loads(word))
    except (BadSignature, TypeError, ValueError):
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="draft")
