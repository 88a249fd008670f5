"""The pages of the review: the queue, one reading, a question to oneself, the numbers, the settings."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from caseapp import codelists
from caseapp.access import Permission, Refused, needs
from caseapp.accounts.actions import read_municipality, set_municipality
from caseapp.accounts.signed_in import current_actor
from caseapp.accounts.views.blueprint import both_texts, in_words
from caseapp.cases.words import permission_words
from caseapp.fields import language, status_of
from caseapp.formats.days import MONTHS, WEEKDAYS

from . import actions
from .forms import AnswerForm, AskForm, CloseReviewForm, ReviewSettingsForm, SelectForm
from .numbers import read_numbers
from .queue import ItemCard
from .rules import RULES, Month, ReviewSettings, month_called, settings_of
from .selecting import make_list

blueprint = Blueprint("review", __name__)
#: Where a refusal is told on a form: beside the field that can put it right, or above the form.
_AT_FIELD = {"words_needed": "words", "nothing_answered": "assessment"}


# -- words ------------------------------------------------------------------------------------------------------------


@blueprint.app_template_filter("month_words")
def month_words(written: str) -> str:
    """oktober 2026"""
    month = month_called(written)
    return f"{MONTHS[language()][month.number - 1]} {month.year}"


@blueprint.app_template_filter("pages_words")
def pages_words(pages: tuple[str, ...]) -> str:
    """The sorts of pages in a row, each once: ärendet, planen, anteckning."""
    return ", ".join(dict.fromkeys(permission_words(page) for page in pages))


def _why(item: ItemCard) -> list[str]:
    """Why the reading was chosen, a sentence for each rule."""
    return [_sentence(rule, item) for rule in RULES if rule in item.rules]


def _sentence(rule: str, item: ItemCard) -> str:
    if rule == "break_glass":
        return _("Ärendet öppnades med nödöppning. Alla nödöppningar granskas.")
    if rule == "protected":
        return _("Ärendet har skyddade personuppgifter. Alla läsningar av sådana granskas.")
    if rule == "own_name":
        return _("Någon i ärendet har samma efternamn som den som läste.")
    if rule == "volume" and item.is_own_limit:
        return _("%(cases)s ärenden på en dag. Det är ovanligt många för personen, som kommunen räknar det.", cases=item.cases)
    if rule == "volume":
        return _("%(cases)s ärenden på en dag. Kommunens gräns är %(limit)s.", cases=item.cases, limit=round(item.limit))
    if rule == "out_of_hours":
        return ngettext("%(num)s gång utanför arbetstid.", "%(num)s gånger utanför arbetstid.", item.outside)
    if rule == "unreadable":
        return _("En post i loggen om läsningen är skadad. Säg till den som sköter driften.")
    return _("Dragen på måfå bland månadens läsningar.")


# -- the queue --------------------------------------------------------------------------------------------------------


@blueprint.route("/review", methods=["GET", "POST"])
@needs(Permission.READ_REVIEW)
def queue() -> Any:
    """What is to be reviewed, and making a month's list."""
    actor = current_actor()
    page = request.args.get("page", "1")
    found = actions.read_queue(
        actor, view=request.args.get("view", "todo"), page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    )
    form = SelectForm()
    form.month.choices = [(month.written, month_words(month.written)) for month in found.months]
    if form.validate_on_submit():
        try:
            made = make_list(actor, month_called(form.month.data))
        except Refused as refusal:
            _tell(form, refusal)
        else:
            _say_made(made.month, made.items, is_new=made.is_new)
            return redirect(url_for("review.queue"), code=303)
    return render_template("review/queue.html", form=form, page=found, why=_why), status_of(form)


def _say_made(month: Month, items: int, *, is_new: bool) -> None:
    words = month_words(month.written)
    if not is_new:
        flash(_("Urvalet för %(month)s var redan gjort. Inget är ändrat.", month=words), "success")
    elif items:
        count = ngettext("%(num)s läsning att granska.", "%(num)s läsningar att granska.", items)
        flash(_("Urvalet för %(month)s är gjort:", month=words) + " " + count, "success")
    else:
        flash(_("Urvalet för %(month)s är gjort. Ingen hade öppnat något ärende.", month=words), "success")


@blueprint.get("/review/items/<item_id>")
@needs(Permission.READ_REVIEW)
def item(item_id: str) -> str:
    """One reading, what was asked and answered."""
    page = actions.read_item(current_actor(), item_id)
    return render_template("review/item.html", page=page, why=_why(page.item))


@blueprint.route("/review/items/<item_id>/ask", methods=["GET", "POST"])
@needs(Permission.HANDLE_REVIEW)
def ask(item_id: str) -> Any:
    """Ask the person whose reading it was."""
    actor, form = current_actor(), AskForm()
    if form.validate_on_submit():
        try:
            actions.ask(actor, item_id, question=form.question.data, once=form.once_key())
        except Refused as refusal:
            _tell(form, refusal)
        else:
            flash(_("Frågan är skickad. Den syns på personens Min dag."), "success")
            return redirect(url_for("review.item", item_id=item_id), code=303)
    page = actions.read_item(actor, item_id)
    return render_template("review/ask.html", form=form, page=page, why=_why(page.item)), status_of(form)


@blueprint.route("/review/items/<item_id>/close", methods=["GET", "POST"])
@needs(Permission.HANDLE_REVIEW)
def close(item_id: str) -> Any:
    """Close it with an assessment."""
    actor = current_actor()
    page = actions.read_item(actor, item_id)
    form = CloseReviewForm(version=page.item.version)
    if form.validate_on_submit():
        try:
            actions.close(
                actor,
                item_id,
                assessment=form.assessment.data,
                words=form.words.data or "",
                version=form.version.data,
                once=form.once_key(),
            )
        except Refused as refusal:
            _tell(form, refusal)
        else:
            flash(_("Granskningen är avslutad."), "success")
            return redirect(url_for("review.queue"), code=303)
    return render_template("review/close.html", form=form, page=page, why=_why(page.item)), status_of(form)


# -- the person reviewed ----------------------------------------------------------------------------------------------


@blueprint.route("/review/questions/<question_id>", methods=["GET", "POST"])
@needs(Permission.ANSWER_REVIEW)
def question(question_id: str) -> Any:
    """A question about one's own reading, and the answer."""
    actor, form = current_actor(), AnswerForm()
    if form.validate_on_submit():
        try:
            actions.answer(actor, question_id, answer=form.answer.data, once=form.once_key())
        except Refused as refusal:
            if refusal.reason == "not_found":
                raise
            _tell(form, refusal)
        else:
            flash(_("Svaret är skickat till den som granskar loggen."), "success")
            return redirect(url_for("review.question", question_id=question_id), code=303)
    return render_template("review/question.html", form=form, page=actions.read_question(actor, question_id)), status_of(form)


# -- numbers and settings ---------------------------------------------------------------------------------------------


@blueprint.get("/review/numbers")
@needs(Permission.READ_REVIEW_NUMBERS)
def numbers() -> str:
    """The review in numbers, month by month."""
    heads = [(codelists.label("ReviewRule", rule, language()), "number") for rule in RULES]
    return render_template("review/numbers.html", months=read_numbers(current_actor()), rules=RULES, heads=heads)


@blueprint.route("/settings/log-review", methods=["GET", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def settings() -> Any:
    """What is chosen for review in this municipality."""
    actor = current_actor()
    card = read_municipality(actor)
    now = settings_of(card.settings)
    form = ReviewSettingsForm(
        sample=now.sample,
        work_begins=now.begins,
        work_ends=now.ends,
        weekdays=sorted(now.weekdays),
        cases_a_day=now.cases_a_day,
        times_median=now.times_median,
        version=card.version,
    )
    form.weekdays.choices = [(str(number), name) for number, name in enumerate(WEEKDAYS[language()])]
    if form.validate_on_submit() and _hours_fit(form):
        chosen = ReviewSettings(
            sample=form.sample.data,
            begins=form.work_begins.data,
            ends=form.work_ends.data,
            weekdays=frozenset(int(day) for day in form.weekdays.data),
            cases_a_day=form.cases_a_day.data,
            times_median=form.times_median.data,
        )
        with both_texts(form):
            set_municipality(actor, version=form.version.data, review=chosen.written())
        flash(_("Inställningarna är sparade."), "success")
        return redirect(url_for("accounts.settings"), code=303)
    return render_template("review/settings.html", form=form), status_of(form)


def _hours_fit(form: ReviewSettingsForm) -> bool:
    if form.work_begins.data >= form.work_ends.data:
        form.work_ends.errors = [_("Arbetsdagen slutar innan den börjar. Ändra ett av klockslagen.")]
    return not form.errors


def _tell(form: Any, refusal: Refused) -> None:
    """Say on the form why it could not be carried out; what was typed stays."""
    sentence = in_words(refusal)
    field = _AT_FIELD.get(refusal.reason)
    if field in form:
        form[field].errors = [sentence]
    else:
        form.form_errors.append(sentence)
