"""How is it said, before a meeting, what somebody's presence keeps off the screen, and why a case should be taken up now?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

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
    "blocked": _l("%(cases)s kan inte visas medan %(who)s är i rummet: får inte ta del av ärendet (jäv)."),
    "not_named": _l("%(cases)s kan inte visas medan %(who)s är i rummet: står inte på listan för skyddade personuppgifter."),
    "not_taking_part": _l("%(cases)s kan inte visas medan %(who)s är i rummet: deltar inte i ärendet."),
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


def sentences(ahead: Iterable[Foreseen], names: Mapping[str, str], numbers: Mapping[str, str]) -> list[str]:
    """What those who are invited keep off the screen, a sentence each for what is alike.

    `names`: token → name. `numbers`: case id → case number; empty in a meeting about one case, which is then called the case.
    """
    alike: dict[Foreseen, list[str]] = {}
    for one in ahead:
        key = replace(one, token="", agency_id="", agency_name="")
        alike.setdefault(key, []).append(one.agency_name or names[one.token])
    return [_sentence(one, _in_a_row(who), ", ".join(numbers[case_id] for case_id in one.cases if numbers)) for one, who in alike.items()]


def _sentence(one: Foreseen, who: str, numbers: str) -> str:
    if one.reason:
        return str(_SENTENCES[one.reason]) % {"cases": numbers or _("Ärendet"), "who": who}
    cases = numbers or _("ärendet")
    if one.is_all:
        return _("I %(cases)s visas inget innehåll medan %(who)s är i rummet: omfattas inte av samtycket.", cases=cases, who=who)
    types = type_words(one.types)
    return _("I %(cases)s visas inte %(types)s medan %(who)s är i rummet.", cases=cases, types=types, who=who)


def _in_a_row(names: Sequence[str]) -> str:
    return _("%(some)s och %(last)s", some=", ".join(names[:-1]), last=names[-1]) if len(names) > 1 else names[0]


def why_words(why: WhyNow | None) -> str:
    """Why a case should be taken up, in a few words; nothing where it need not."""
    if why is None:
        return ""
    parts = [_("uppföljning %(day)s", day=day_words(why.review_on, language()))] if why.review_on else []
    if why.late:
        parts.append(ngettext("%(num)s försenat åtagande", "%(num)s försenade åtaganden", why.late))
    return ", ".join(parts)
