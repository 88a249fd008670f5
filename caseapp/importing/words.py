"""What is said about a file, a column and a row: codes of the rules in sentences that say what to do."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from caseapp import codelists
from caseapp.fields import language

from .rules import MOST_COLUMNS, MOST_LETTERS, MOST_LINES, NEED

#: Why a file or a sheet cannot be used.
_FILE: Mapping[str, Any] = {
    "too_big": _l("Filen är större än %(megabytes)s MB. Ta bort bilder och blad som inte behövs, och välj den igen."),
    "empty": _l("Filen är tom. Välj filen med teamets lista."),
    "has_password": _l("Filen är skyddad med lösenord. Spara den utan lösenord och välj den igen."),
    "old_excel": _l("Filen är i ett äldre format. Öppna den i Excel, välj Spara som och Excel-arbetsbok (.xlsx)."),
    "other_kind": _l("Det här är varken en Excel-fil eller en CSV-fil. Spara listan som Excel-arbetsbok (.xlsx) och välj den igen."),
    "damaged": _l("Filen är skadad och går inte att läsa. Öppna den i Excel, spara den på nytt och välj den igen."),
    "too_much_inside": _l("Filen innehåller mer än en lista ska göra. Kopiera listan till en ny arbetsbok och välj den i stället."),
    "too_many_sheets": _l("Filen har fler än %(most)s blad. Kopiera bladet med listan till en egen fil."),
    "not_a_table": _l("Filen går inte att läsa som en tabell. Spara listan som Excel-arbetsbok (.xlsx) och välj den igen."),
    "too_many_columns": _l("Listan har fler än %(columns)s kolumner. Ta bort de kolumner som inte ska med."),
    "too_many_lines": _l("Listan har fler än %(lines)s rader. Dela den i flera filer."),
    "empty_sheet": _l("Bladet är tomt."),
}

FIELDS: Mapping[str, Any] = {
    "number": _l("Personnummer eller samordningsnummer"),
    "born": _l("Födelsedatum"),
    "name": _l("Hela namnet"),
    "first_name": _l("Förnamn"),
    "last_name": _l("Efternamn"),
    "sex": _l("Kön"),
    "protected": _l("Skyddade personuppgifter"),
    "phone": _l("Den unges telefon"),
    "work_form": _l("Arbetsform"),
    "opened_on": _l("Aktualiserad, datum"),
    "referral_source": _l("Vem tog initiativet"),
    "concerns": _l("Vad oron gäller"),
    "custodian": _l("Vårdnadshavare, namn"),
    "custodian_phone": _l("Vårdnadshavare, telefon"),
    "custodian2": _l("Andra vårdnadshavaren, namn"),
    "custodian2_phone": _l("Andra vårdnadshavaren, telefon"),
    "participants": _l("Verksamheter som deltar"),
    "note": _l("Anteckning"),
    "consent": _l("Samtycke (blir en anteckning)"),
}

#: What is wrong with a row, and how to mend it.
_ROW: Mapping[str, Any] = {
    "name_missing": _l("Namnet saknas. Fyll i det i listan."),
    "no_name": _l("Det finns inga bokstäver i namnet. Rätta det i listan."),
    "no_identity": _l("Både personnummer och födelsedatum saknas. Fyll i ett av dem i listan."),
    "not_a_number": _l("Personnumret har inte 10 eller 12 siffror. Rätta det, eller skriv bara födelsedatumet."),
    "impossible_date": _l("Personnumret börjar inte med ett datum som finns. Rätta det i listan."),
    "check_digit": _l("Personnumrets kontrollsiffra stämmer inte. Jämför det med underlaget, siffra för siffra."),
    "future_date": _l("Födelsedatumet ligger i framtiden. Rätta året."),
    "birth_date_differs": _l("Födelsedatumet är inte det som personnumret börjar med. Rätta det som är fel."),
    "no_day": _l("Det går inte att läsa som ett datum. Skriv det som 2026-03-03."),
    "no_such_day": _l("Det datumet finns inte. Kontrollera dag och månad, och skriv det som 2026-03-03."),
    "future_day": _l("Datumet ligger i framtiden. Rätta det."),
    "unknown_value": _l("”%(value)s” finns inte bland alternativen. Välj vad det betyder under Ord."),
    "other_work_form": _l("Raden gäller en annan arbetsform än teamets. Hämta in den i det teamet, eller rätta raden."),
    "phone_of_nobody": _l("Det finns ett telefonnummer men ingen vårdnadshavare. Fyll i namnet eller ta bort numret."),
    "unsaved_formula": _l("Cellen har en formel utan sparat resultat. Öppna filen i Excel, spara den och hämta in den igen."),
    "error_value": _l("Cellen visar ett fel i Excel, till exempel #SAKNAS!. Skriv värdet i stället."),
    "formula": _l("Cellen har en formel i stället för ett värde. Skriv värdet i stället."),
    "text_too_long": _l("Texten är längre än vad som får plats (%(letters)s tecken i en anteckning). Korta den."),
    "odd_characters": _l("Det finns osynliga tecken som inte går att spara. Skriv om cellen."),
    "twice_in_file": _l("Samma personnummer står på rad %(row)s. Ta bort en av raderna."),
    "has_case": _l("Personen har redan ett öppet ärende i teamet: %(case)s. Ta bort raden och fortsätt i det."),
    "has_case_unseen": _l("Personen har redan ett öppet ärende i teamet, som du inte deltar i. Fråga en kollega i teamet."),
}
#: What else is told of a row.
_REMARKS: Mapping[str, Any] = {
    "zero_restored": _l("Excel hade tagit bort nollan först. Den är tillbaka."),
    "only_birth_date": _l("Bara födelsedatumet är ifyllt. Ärendet får inget personnummer."),
    "excel_day": _l("Datumet stod som ett tal i Excel. Kontrollera att det är rätt dag."),
    "odd_name": _l("Namnet har siffror eller tecken som är ovanliga i namn. Kontrollera det."),
    "sex_differs": _l("Könet i listan är ett annat än personnumret säger. Listans tas."),
    "phone_not_kept": _l("Vid skyddad folkbokföring sparas inget telefonnummer."),
    "no_custodian": _l("Ingen vårdnadshavare står på raden. Lägg till dem i ärendet innan du frågar om samtycke."),
    "opened_today": _l("Inget datum: ärendet räknas som aktualiserat i dag."),
    "consent_not_taken": _l("Samtycket blir en anteckning. Det gäller först när du har sett pappret och registrerat det i ärendet."),
    "known_case": _l("Personen har ett ärende som du deltar i: %(case)s. Ska det öppnas igen i stället?"),
    "like_row": _l("Namnet liknar det på rad %(row)s. Är det samma person?"),
    "like_case": _l("Namnet liknar det i ärende %(case)s. Är det samma person?"),
}
#: What keeps a mapping of columns from making cases.
MAPPING: Mapping[str, Any] = {
    "unknown_field": _l("Välj bland alternativen."),
    "twice": _l("Två kolumner är valda till samma uppgift. Välj ”tas inte med” för den ena."),
    "no_name": _l("Välj vilken kolumn som är namnet: hela namnet, eller förnamn och efternamn."),
    "no_identity": _l("Välj vilken kolumn som är personnumret eller födelsedatumet."),
}
#: Why a row did not become a case after all.
_WHY_NOT: Mapping[str, Any] = {"has_case": _l("Personen fick ett ärende i teamet under tiden.")}


def file_words(code: str, told: Mapping[str, object] | None = None) -> str:
    """Why the file, or the sheet, cannot be used."""
    return str(_FILE[code]) % {"columns": MOST_COLUMNS, "lines": MOST_LINES, **(told or {})}


def field_words(code: str) -> str:
    """What a column is taken for."""
    if code.startswith(NEED):
        domain = codelists.codelist("NeedDomain")[code.removeprefix(NEED)]
        return str(_l("Behov: %(domain)s", domain=domain.label(language())))
    return str(FIELDS[code])


def row_words(told: Any) -> str:
    """A `Told` of a row as a sentence."""
    sentence = _ROW.get(told.code) or _REMARKS[told.code]
    return str(sentence) % {"letters": MOST_LETTERS, **told.told}


def why_not_words(code: str) -> str:
    """Why a row did not become a case."""
    return str(_WHY_NOT.get(code) or _l("Raden gick inte att spara. Starta ärendet för hand."))
