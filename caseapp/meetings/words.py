"""How is it said, before a meeting, what somebody's presence keeps off the screen, and why a case should be taken up now?"""

from collections.abc import Iterable, Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from caseapp.fields import language
from caseapp.formats import day_words

from .cards import Foreseen, WhyNow
from .forms import type_words

#: Why a case cannot be shown while somebody is there; as a note beside the name, and as a sentence about cases.
_NOTES = {
    "blocked": _l("Får inte ta del av ärendet (jäv)."),
    "not_named": _l("Står inte på listan för skyddade personuppgifter."),
    "not_taking_part": _l("Deltar inte i ärendet."),
}
_SENTENCES = {
    "blocked": _l("får inte ta del av ärendet (jäv). Det kan inte visas medan hen är i rummet."),
    "not_named": _l("står inte på listan för skyddade personuppgifter. Ärendet kan inte visas medan hen är i rummet."),
    "not_taking_part": _l("deltar inte i ärendet. Det kan inte visas medan hen är i rummet."),
}


def note_on(one: Foreseen) -> str:
    """A note beside somebody who can be invited."""
    if one.reason:
        return str(_NOTES[one.reason])
    return _("Omfattas inte av samtycket.") if one.is_all else _("Får inte ta del av %(types)s.", types=type_words(one.types))


def notes_on_people(ahead: Iterable[Foreseen], agency_of: Mapping[str, str | None]) -> dict[str, str]:
    """Token → the note beside that person; `agency_of`: token → agency id."""
    found: dict[str, str] = {}
    for one in ahead:
        if one.reason:
            found[one.token] = note_on(one)
        else:
            found |= {token: note_on(one) for token, agency in agency_of.items() if agency == one.agency_id and token not in found}
    return found


def sentence_on(one: Foreseen) -> str:
    """What is said of somebody invited, after their name."""
    if one.reason:
        return str(_SENTENCES[one.reason])
    if one.is_all:
        return _("omfattas inte av samtycket. Ärendets innehåll visas inte medan de är i rummet.")
    return _("får inte ta del av %(types)s. Det visas inte medan de är i rummet.", types=type_words(one.types))


def why_words(why: WhyNow | None) -> str:
    """Why a case should be taken up, in a few words; nothing where it need not."""
    if why is None:
        return ""
    parts = [_("planen ska följas upp %(day)s", day=day_words(why.review_on, language()))] if why.review_on else []
    if why.late:
        parts.append(ngettext("%(num)s försenat åtagande", "%(num)s försenade åtaganden", why.late))
    return ", ".join(parts)
