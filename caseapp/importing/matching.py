"""Which code do the words in a cell mean? By the code list's own labels, by words people use for them, or not at all.

Promised: words are compared folded, as names are in a search; what fits no code or more than one is not guessed but shown to the person,
who chooses. Kept here are words for codes, nothing about anybody.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from caseapp import codelists
from caseapp.accounts import AgencyCard
from caseapp.formats import fold

#: Code list → code → other words for it, folded.
_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Sex": {
        "f": ("f", "k", "flicka", "kvinna", "tjej", "girl", "female"),
        "m": ("m", "p", "pojke", "man", "kille", "boy", "male"),
        "u": ("u", "okänt", "uppgift saknas", "annat", "vet ej"),
    },
    "ProtectedStatus": {
        "none": ("nej", "n", "ingen", "inga", "0", "utan skydd"),
        "sekretessmarkering": ("sekretessmarkerad", "sekretess", "sekretessmarkerade uppgifter"),
        "skyddad_folkbokforing": ("skyddad folkbokföring", "kvarskrivning", "kvarskriven"),
        "fingerade": ("fingerad", "fingerad identitet"),
    },
    "WorkForm": {
        "sspf": ("sspf",),
        "sig_child": ("sig barn", "sig under 18", "sig", "social insatsgrupp"),
        "sig_adult": ("sig vuxna", "sig unga vuxna", "sig vuxen"),
        "sst": ("sst", "skolsocialt team"),
        "other": ("annan", "annat"),
    },
    "ReferralSource": {
        "youth": ("den unge", "ungdomen", "själv", "ungdomen själv"),
        "guardian": ("förälder", "föräldrar", "mamma", "pappa", "vh", "hemmet", "vårdnadshavarna"),
        "school": ("skolan", "rektor", "lärare", "kurator", "elevhälsan", "mentor"),
        "social_services": ("socialtjänsten", "soc", "socialsekreterare", "ifo"),
        "police": ("polisen", "kommunpolis", "polis"),
        "leisure": ("fritid", "fritidsgården", "fältare", "fältgruppen", "fritidsgård", "fält"),
        "health": ("bup", "vården", "hälso och sjukvården", "vårdcentral", "ungdomsmottagning"),
        "civil_society": ("förening", "civilsamhället", "föreningslivet"),
        "other": ("annan", "annat", "övrigt"),
    },
    "Concern": {
        "school_absence": ("skolfrånvaro", "frånvaro", "skolk", "hög frånvaro", "problematisk skolfrånvaro"),
        "school_problem": ("skolproblem", "skolproblematik", "skolsvårigheter"),
        "aggressive": ("aggressivitet", "våld", "bråk", "utåtagerande"),
        "norm_breaking": ("normbrytande", "normbrytande beteende", "destruktivt beteende"),
        "suspected_crime": ("brott", "kriminalitet", "misstänkt brott", "misstänkt för brott", "snatteri", "stöld"),
        "peers_crime": ("kriminellt umgänge", "dåligt umgänge", "umgänge"),
        "substance_use": ("droger", "alkohol", "missbruk", "cannabis", "narkotika", "alkohol och droger", "alkohol droger"),
        "substance_sale": ("langning", "försäljning av narkotika"),
        "risk_environment": ("riskmiljö", "olämpliga miljöer"),
        "no_leisure": ("saknar fritid", "ingen fritid", "saknar fritidsaktivitet"),
        "recruitment": ("gäng", "gängkriminalitet", "rekrytering", "nätverk", "risk för rekrytering"),
        "other": ("annat", "övrigt"),
    },
    "NeedLevel": {
        "0": ("0", "inget", "nej", "inga", "inga behov"),
        "1": ("1", "visst", "lite", "lindrigt", "vissa behov"),
        "2": ("2", "tydligt", "ja", "måttligt", "tydliga behov"),
        "3": ("3", "stort", "akut", "stora behov", "stora", "allvarligt"),
        "9": ("9", "okänt", "vet ej", "ej bedömt"),
    },
}
#: What people call the kinds of agencies, folded.
_AGENCIES: Mapping[str, tuple[str, ...]] = {
    "school": ("skola", "skolan", "elevhälsan", "rektor"),
    "social_services": ("socialtjänst", "socialtjänsten", "soc", "ifo"),
    "police": ("polis", "polisen", "kommunpolis", "lokalpolisen"),
    "leisure": ("fritid", "fritidsgård", "fritidsgården", "fältare", "fält"),
    "health": ("bup", "vården", "hälso och sjukvård", "sjukvården"),
    "civil_society": ("förening", "föreningar", "civilsamhället"),
    "frivard": ("frivård", "frivården"),
}
_PARTS = re.compile(r"[;,\n/|+&]|\s+och\s+|\s+samt\s+", re.IGNORECASE)


def code_of(codelist: str, words: str) -> str | None:
    """The code these words mean; None where none, or more than one, does."""
    return _known_words(codelist).get(fold(words))


@cache
def _known_words(codelist: str) -> Mapping[str, str]:
    """Words, folded → code, without words that could mean several."""
    found: dict[str, set[str]] = {}
    for code, named in codelists.codelist(codelist).items():
        words = {fold(code), fold(named.sv), fold(named.en), *_WORDS.get(codelist, {}).get(code, ())}
        words |= {fold(part) for part in re.split(r"[/(]| - ", named.sv) if len(part.strip()) > 3}
        for one in words:
            found.setdefault(one, set()).add(code)
    return {words: next(iter(codes)) for words, codes in found.items() if len(codes) == 1 and words}


def agency_of(words: str, agencies: Sequence[AgencyCard]) -> str | None:
    """The id of the team's agency these words mean; None where none, or more than one, does."""
    wanted = fold(words)
    by_name = [agency.id for agency in agencies if fold(agency.name) == wanted]
    by_kind = [agency.id for agency in agencies if wanted in (fold(_label(agency.actor)), *_AGENCIES.get(agency.actor, ()))]
    fitting = by_name or by_kind
    return fitting[0] if len(fitting) == 1 else None


def _label(actor: str) -> str:
    known = codelists.codelist("Actor")
    return known[actor].sv if actor in known else ""


def in_parts(text: str, known: Iterable[str] = ()) -> list[str]:
    """What is named in a cell, one by one; the whole text where that is known as it stands."""
    whole = fold(text)
    if whole in known:
        return [text]
    return [part.strip() for part in _PARTS.split(text) if part.strip()]


def words_of(codelist: str) -> Mapping[str, str]:
    """Every word of a list that is understood, folded → code."""
    return _known_words(codelist)
