"""The pages of documents: the list, attaching, opening in a sandbox, taking away."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp import codelists
from caseapp.access import NotFound, Permission, Unreadable, needs
from caseapp.accounts.signed_in import current_actor
from caseapp.cases.documenting import DocumentsPage, read_documents
from caseapp.fields import language, status_of, takes_files
from caseapp.formats import number, table_date

from .actions import DocumentProblem, add_document, open_document, remove_document
from .apart import clean
from .content import CleanDocument, Unacceptable
from .forms import DocumentForm, RemovalForm
from .rules import CONSENT, SERVED

blueprint = Blueprint("documents", __name__)

#: Nothing in a document runs, loads, sends or is framed: it is shown in an origin of its own, and the program's pages are another's.
#: The browsers' own viewers put a style on the picture they show.
SANDBOX = (
    "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
_SAVE_AS_PDF = _l("Spara dokumentet som PDF i programmet där det är skrivet, och välj den filen.")
_SAYS = {
    "empty": _l("Filen är tom. Öppna den på din dator och kontrollera att den är den rätta."),
    "unknown_sort": _l("Filen är varken PDF, bild (JPEG eller PNG) eller Word-dokument (docx), vad den än heter. Spara den som PDF först."),
    "old_word": _l("Filen är ett äldre Word-dokument eller låst med lösenord. Spara den som PDF utan lösenord först."),
    "broken": _l("Filen går inte att läsa: den är skadad eller är inte vad den ser ut att vara. Skanna eller spara den på nytt."),
    "encrypted": _l("Filen är låst med lösenord. Ta bort lösenordet, eller skriv ut den till PDF, och välj den filen."),
    "macros": _l("Word-dokumentet innehåller program (makron) och tas inte emot. Spara det som PDF först."),
    "foreign_parts": _l("Word-dokumentet innehåller något som inte kan sparas, till exempel ett diagram eller en inbäddad fil."),
    "living_form": _l("Formuläret kan bara visas av programmet som gjorde det. Skriv ut det till PDF och välj den filen."),
    "too_many_pixels": _l("Bilden har för många bildpunkter. Skanna med lägre upplösning, 300 punkter per tum räcker."),
    "too_complex": _l("Filen är för stor eller invecklad när den packas upp. Skriv ut den till PDF, eller dela den i flera."),
}


@blueprint.get("/cases/<case_id>/documents")
@needs(Permission.READ_DOCUMENT)
def listing(case_id: str) -> str:
    """The documents of a case."""
    return render_template("documents/listing.html", page=read_documents(current_actor(), case_id))


@blueprint.route("/cases/<case_id>/documents/new", methods=["GET", "POST"])
@needs(Permission.WRITE_DOCUMENT)
@takes_files
def new_document(case_id: str) -> Any:
    """Attach a document; beside each type it says who can read it."""
    page = read_documents(current_actor(), case_id, to=Permission.WRITE_DOCUMENT)
    form = DocumentForm(epoch=str(page.bar.epoch))
    form.information_type.choices = _types_with_readers(page)
    form.consent.choices = _consents(page)
    if not form.consent.choices:
        form.kind.choices = [one for one in form.kind.choices if one[0] != CONSENT]
    most = current_app.extensions["caseapp.config"].document_bytes
    if form.validate_on_submit() and _readers_are_as_shown(form, page):
        document = _cleaned(form, most)
        if document is not None and _is_added(form, case_id, document):
            flash(_("Dokumentet är sparat."), "success")
            return redirect(url_for("documents.listing", case_id=case_id), code=303)
    if form.is_submitted():
        form.file.hint = _("Välj filen igen: webbläsaren glömmer den när sidan kommer tillbaka.")
    return render_template("documents/new.html", form=form, bar=page.bar, most=most), status_of(form)


def _cleaned(form: DocumentForm, most: int) -> CleanDocument | None:
    try:
        return clean(form.file.data or b"", most=most)
    except Unacceptable as refused:
        form.file.errors = [_words(refused.reason, most)]
        return None


def _words(reason: str, most: int) -> str:
    if reason == "too_large":
        return _("Filen är för stor. Högst %(size)s tas emot. Skanna i gråskala eller med lägre upplösning.", size=file_size(most))
    return f"{_SAYS[reason]} {_SAVE_AS_PDF}" if reason == "foreign_parts" else str(_SAYS[reason])


def _is_added(form: DocumentForm, case_id: str, document: CleanDocument) -> bool:
    most = current_app.extensions["caseapp.config"].case_document_bytes
    try:
        add_document(
            current_actor(),
            case_id,
            document,
            kind=form.kind.data,
            information_type=form.information_type.data,
            title=form.title.data,
            consent_id=form.consent.data or "",
            most_in_case=most,
            once=form.once_key(),
        )
    except DocumentProblem as problem:
        if problem.code == "case_full":
            form.file.errors = [
                _("Ärendets dokument får ta högst %(size)s, och det här får inte plats. Ta bort ett som inte behövs.", size=file_size(most))
            ]
        else:
            form.consent.errors = [_("Samtycket finns inte i ärendet. Välj ett i listan.")]
        return False
    return True


def _readers_are_as_shown(form: DocumentForm, page: DocumentsPage) -> bool:
    """Whether those who can read are still those the person was told; otherwise the form says so and shows who can read now."""
    epoch = str(page.bar.epoch)
    if form.epoch.data in (None, epoch):
        return True
    form.epoch.data = form.epoch.typed = epoch
    form.form_errors.append(_("Vilka som kan läsa har ändrats sedan sidan öppnades. Kontrollera vem som kan läsa nu och spara igen."))
    return False


def _types_with_readers(page: DocumentsPage) -> list[Sequence[Any]]:
    kinds = codelists.codelist("InformationType")
    return [
        (kind, kinds[kind].label(language()), _("Kan läsas av: %(agencies)s", agencies=", ".join(agencies)))
        for kind, agencies in page.readers.items()
    ]


def _consents(page: DocumentsPage) -> list[Sequence[Any]]:
    states = codelists.codelist("ConsentStatus")
    return [
        (
            one.id,
            _(
                "%(first)s – %(last)s, %(state)s",
                first=table_date(one.valid_from),
                last=table_date(one.valid_to),
                state=states[one.state].label(language()).lower() if one.state in states else _("gäller senare"),
            ),
        )
        for one in page.consents
    ]


@blueprint.get("/cases/<case_id>/documents/<document_id>")
@needs(Permission.READ_DOCUMENT)
def opened(case_id: str, document_id: str) -> Any:
    """The document itself, for the browser to show in a sandbox, or to save where it cannot show it."""
    document = open_document(current_actor(), case_id, document_id)
    if isinstance(document.content, Unreadable):
        return render_template("documents/unreadable.html", case_id=case_id), 403
    served = SERVED[document.media]
    response: Response = make_response(document.content)
    response.headers["Content-Type"] = served.mime_type
    response.headers["Content-Disposition"] = f'{"inline" if served.is_shown else "attachment"}; filename="{served.file_name}"'
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


@blueprint.route("/cases/<case_id>/documents/<document_id>/remove", methods=["GET", "POST"])
@needs(Permission.WRITE_DOCUMENT)
def remove(case_id: str, document_id: str) -> Any:
    """Take away a document of the own agency that was attached by mistake."""
    page = read_documents(current_actor(), case_id, to=Permission.WRITE_DOCUMENT)
    document = page.document(document_id)
    if document is None or document.agency_id != page.agency_id or document.removed_at is not None:
        raise NotFound("not_found", Permission.WRITE_DOCUMENT, case_id)
    form = RemovalForm(version=document.version)
    if form.validate_on_submit():
        remove_document(
            current_actor(), case_id, document_id, reason=form.reason.data, version=form.version.data, once=form.once_key()
        )
        flash(_("Dokumentet är borttaget. Att det har funnits står kvar, med skälet."), "success")
        return redirect(url_for("documents.listing", case_id=case_id), code=303)
    return render_template("documents/remove.html", form=form, bar=page.bar, document=document), status_of(form)


@blueprint.app_template_filter("file_size")
def file_size(length: int) -> str:
    """1,2 MB or 340 kB: decimal units, as computers show them."""
    if length >= 1_000_000:
        return f"{number(length / 1_000_000, language(), decimals=1)} MB"
    return f"{number(max(1, round(length / 1000)), language())} kB"
