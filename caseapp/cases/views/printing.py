"""The step before paper: what will be on it, why it is needed; and whether a page may be printed now, for its template."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _l

from caseapp.access import Permission, needs, now
from caseapp.accounts.signed_in import current_actor, return_address, sign_return_address
from caseapp.fields import status_of

from ..forms import PrintForm
from ..printing import asks_before_paper, confirm_print, read_print_step, still_holds
from ..reading import CaseBar
from .page import blueprint

View = TypeVar("View", bound=Callable[..., Any])
_CONFIRMED = "papers"

#: Paper → what stands on it, in words.
ON_PAPER = {
    "consent": _l("Blanketten för samtycke: den unges namn och födelsedag, vårdnadshavarnas namn, vilka verksamheter det gäller."),
    "plan": _l("Planen: mål, åtaganden och insatser, och de namn som står i texten."),
    "mapping": _l("Kartläggningen: behov, risk, skydd och egna ord."),
    "readers": _l("Utdraget om vem som har läst: den unges namn, verksamheter, dagar och grunder."),
    "history": _l("Historiken: vem som har varit i ärendet, när, och vad som öppnades."),
    "extract": _l("Registerutdraget: allt som ärendet håller om den som frågar, med namn och identitetsnummer."),
    "minutes": _l("Minnesanteckningen: vad som beslutades på mötet, åtagandena, och vilka som var där."),
    "remarks": _l("Rättelser och invändningar: vad som stod, vad som är rätt, och vad någon inte håller med om."),
}


def asks_before_printing(paper: str) -> Callable[[View], View]:
    """For views of paper, under @needs: with protected identity ask why it is to be printed before anything is shown."""

    def declare(view: View) -> View:
        @wraps(view)
        def asking(*args: Any, **kwargs: Any) -> Any:
            case_id = str(kwargs["case_id"])
            if not _is_confirmed(case_id, paper) and asks_before_paper(current_actor(), case_id):
                return redirect(print_step(case_id, paper), code=303)
            return view(*args, **kwargs)

        return asking  # type: ignore[return-value]

    return declare


def print_step(case_id: str, paper: str) -> str:
    """The address of the step before this paper, which leads back to the page at hand."""
    return url_for("cases.before_paper", case_id=case_id, paper=paper, to=sign_return_address(request.full_path.rstrip("?")))


def may_print(bar: CaseBar, paper: str = "") -> bool:
    """Whether the page at hand may be printed now."""
    return not bar.is_protected or (bool(paper) and _is_confirmed(bar.case_id, paper))


def _is_confirmed(case_id: str, paper: str) -> bool:
    return still_holds(session.get(_CONFIRMED, {}).get(f"{case_id} {paper}", ""), now())


@blueprint.route("/cases/<case_id>/print/<paper>", methods=["GET", "POST"])
@needs(Permission.READ_CASE)
def before_paper(case_id: str, paper: str) -> Any:
    """What will be on the paper, and why it is needed."""
    actor = current_actor()
    bar = read_print_step(actor, case_id, paper)
    back = return_address(request.args.get("to"))
    way_back = back if back != "/" else url_for("cases.overview", case_id=case_id)
    form = PrintForm()
    if form.validate_on_submit():
        confirm_print(actor, case_id, paper, reason=form.reason.data)
        held = {place: at for place, at in session.get(_CONFIRMED, {}).items() if still_holds(at, now())}
        session[_CONFIRMED] = held | {f"{case_id} {paper}": now().isoformat()}
        return redirect(way_back, code=303)
    step = url_for("cases.before_paper", case_id=case_id, paper=paper, to=request.args.get("to"))
    shown = render_template("cases/before_paper.html", form=form, bar=bar, on_paper=ON_PAPER[paper], step=step)
    return shown, status_of(form)


blueprint.add_app_template_global(may_print, "may_print")
blueprint.add_app_template_global(print_step, "print_step")
