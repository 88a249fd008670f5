"""What may a list hold, what can its columns become, and when may an import be taken back? Pure.

The limits are what a team's list can reasonably be, with room to spare; beyond them the file is another file than the one that was meant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Bytes of a file, rows with something in them below the headings, columns, sheets, letters in a cell.
MOST_BYTES = 5 * 1024 * 1024
MOST_LINES, MOST_COLUMNS, MOST_SHEETS, MOST_LETTERS = 1000, 50, 20, 4000
#: Bytes of an XLSX file when it is unpacked, how many files are in it, and how much bigger than the file itself it may become.
MOST_UNPACKED, MOST_PARTS, MOST_SWELLING = 60 * 1024 * 1024, 500, 200

#: So many rows are saved in one transaction; a whole file of at most WHOLE_AT_ONCE is saved in one.
PART, WHOLE_AT_ONCE = 50, 100
#: So many cases are taken back in one go; each is a transaction of its own.
UNDO_PART = 25

#: After this long a list that nobody went on with is destroyed.
KEPT_FOR = timedelta(hours=24)
#: So long an import can be taken back.
UNDO_WITHIN = timedelta(days=7)

# States of an import
PREPARING, SAVING, UNDOING, DONE, UNDONE, ABANDONED = "preparing", "saving", "undoing", "done", "undone", "abandoned"
#: In these the list is still here.
UNDER_WAY = frozenset({PREPARING, SAVING})

NEXT_STATES: Mapping[str, frozenset[str]] = {
    PREPARING: frozenset({SAVING, ABANDONED}),
    SAVING: frozenset({PREPARING, UNDOING, DONE, ABANDONED}),
    UNDOING: frozenset({UNDONE, PREPARING}),
    DONE: frozenset({UNDOING}),
    UNDONE: frozenset(),
    ABANDONED: frozenset({UNDOING}),
}


def may_become(state: str, wanted: str) -> bool:
    """Whether an import in this state may go to the other."""
    return wanted in NEXT_STATES.get(state, frozenset())


def is_expired(begun_at: datetime, now: datetime) -> bool:
    """Whether a list that was taken in then is to be gone now."""
    return now - begun_at >= KEPT_FOR


def may_be_undone(state: str, saved_at: datetime | None, now: datetime) -> bool:
    """Whether the cases of an import can be taken back now. `saved_at`: when the first of them was saved."""
    return state in (DONE, UNDOING, ABANDONED) and saved_at is not None and now - saved_at < UNDO_WITHIN


# -- what a column can become -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Field:
    """What a column can become. `kind`: name, text, number, date, phone, code, codes or agencies; `codelist` for the two of codes.

    `many`: several columns may become it. `headings`: what such a column is usually called, folded.
    """

    code: str
    kind: str
    headings: tuple[str, ...]
    codelist: str = ""
    many: bool = False


#: Domains of need whose level can stand in a column, with what people call them.
_NEEDS = {
    "norm_breaking": ("normbrytande", "brott", "kriminalitet"),
    "attitudes": ("attityder", "attityd"),
    "peers": ("umgänge", "kamrater"),
    "family": ("familj", "hemsituation"),
    "school": ("skola", "skolsituation"),
    "work": ("arbete", "sysselsättning"),
    "leisure": ("fritid",),
    "substance": ("droger", "alkohol", "missbruk", "andts", "alkohol och droger"),
    "self_control": ("impulsivitet", "ilska", "konflikthantering"),
    "mental_health": ("psykisk hälsa", "psykisk ohälsa", "npf"),
    "housing_economy": ("boende", "ekonomi", "boende och ekonomi"),
    "exposure": ("utsatthet", "egen utsatthet"),
}
NEED = "need_"

FIELDS: Mapping[str, Field] = {
    field.code: field
    for field in (
        Field("number", "number", ("personnummer", "pnr", "persnr", "personnr", "samordningsnummer", "person nr", "pers nr", "id nummer")),
        Field("born", "date", ("född", "födelsedatum", "födelsedag", "födelsedata", "födelseår och dag")),
        Field("name", "name", ("namn", "den unges namn", "ungdom", "ungdomens namn", "den unge", "barn", "barnets namn", "elev")),
        Field("first_name", "name", ("förnamn", "tilltalsnamn", "den unges förnamn")),
        Field("last_name", "name", ("efternamn", "den unges efternamn")),
        Field("sex", "code", ("kön", "juridiskt kön", "pojke flicka", "flicka pojke"), "Sex"),
        Field("protected", "code", ("skydd", "skyddad", "skyddade personuppgifter", "skyddad identitet", "sekretess"), "ProtectedStatus"),
        Field("phone", "phone", ("telefon", "mobil", "mobilnummer", "telefonnummer", "den unges telefon", "tel")),
        Field("work_form", "code", ("arbetsform", "samverkansform", "form", "sspf sig"), "WorkForm"),
        Field("opened_on", "date", ("aktualiserad", "aktualisering", "datum", "inkom", "inkommen", "startdatum", "start", "oro inkom")),
        Field(
            "referral_source",
            "code",
            ("initiativ", "vem tog initiativet", "aktualiserad av", "anmälare", "källa", "från", "kommer från", "initiativtagare"),
            "ReferralSource",
        ),
        Field("concerns", "codes", ("oro", "orsak", "vad gäller oron", "problem", "problematik", "anledning"), "Concern", many=True),
        Field("custodian", "text", ("vårdnadshavare", "vårdnadshavare 1", "vh", "vh 1", "vh1", "förälder", "förälder 1", "mamma", "mor",
                                    "vårdnadshavares namn", "vårdnadshavare 1 namn", "vårdnadshavarens namn", "föräldrar")),
        Field("custodian_phone", "phone", ("vårdnadshavare telefon", "vårdnadshavares telefon", "vh telefon", "vh 1 telefon", "tel vh",
                                           "telefon vårdnadshavare", "vårdnadshavare 1 telefon", "förälder telefon", "mobil vh")),
        Field("custodian2", "text", ("vårdnadshavare 2", "vh 2", "vh2", "förälder 2", "pappa", "far", "vårdnadshavare 2 namn",
                                     "andra vårdnadshavaren")),
        Field("custodian2_phone", "phone", ("vårdnadshavare 2 telefon", "vh 2 telefon", "vh2 telefon", "tel vh 2", "förälder 2 telefon")),
        Field("participants", "agencies", ("deltar", "deltagare", "aktörer", "verksamheter", "samverkan med", "parter"), many=True),
        Field("note", "text", ("anteckning", "anteckningar", "kommentar", "kommentarer", "övrigt", "notering", "bakgrund"), many=True),
        Field("consent", "text", ("samtycke", "samtyckesdatum", "samtycke datum", "samtycke givet", "samtycke finns"), many=True),
        *(
            Field(NEED + domain, "code", tuple(f"behov {word}" for word in words), "NeedLevel")
            for domain, words in _NEEDS.items()
        ),
    )
}  # fmt: skip


def wrong_with_mapping(codes: Iterable[str]) -> str:
    """What keeps these fields from making cases: unknown_field, twice, no_name or no_identity; "" for nothing."""
    chosen = list(codes)
    if any(code not in FIELDS for code in chosen):
        return "unknown_field"
    if any(chosen.count(code) > 1 and not FIELDS[code].many for code in chosen):
        return "twice"
    if not {"name", "first_name", "last_name"} & set(chosen):
        return "no_name"
    return "" if {"number", "born"} & set(chosen) else "no_identity"
