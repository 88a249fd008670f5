"""The list to fill in, for whoever has none yet: an XLSX file with Swedish headings and a sheet that explains them. It holds nobody.

Made anew for each that asks, in memory, from the same fields and code lists the import reads, so that the two cannot differ. Columns for
numbers and telephones are of text, so that Excel takes no zeros away.
"""

import io
from datetime import datetime

import xlsxwriter

from caseapp import codelists

from .rules import FIELDS, NEED

#: heading, field, what to write
_COLUMNS = (
    ("Personnummer", "number", "10 eller 12 siffror, eller samordningsnummer. Saknas det: lämna tomt och fyll i Födelsedatum."),
    ("Födelsedatum", "born", "Behövs bara när personnumret saknas. Till exempel 2011-03-03."),
    ("Förnamn", "first_name", ""),
    ("Efternamn", "last_name", ""),
    ("Kön", "sex", "Behövs inte när personnumret finns."),
    ("Skyddade personuppgifter", "protected", "Lämna tomt om det inte finns någon skyddsuppgift."),
    ("Arbetsform", "work_form", "Samma som teamets. Får vara tomt."),
    ("Aktualiserad", "opened_on", "Vilken dag oron kom in, till exempel 2026-03-03."),
    ("Vem tog initiativet", "referral_source", ""),
    ("Vad gäller oron", "concerns", "Flera går bra, med semikolon emellan."),
    ("Vårdnadshavare 1", "custodian", "För- och efternamn."),
    ("Vårdnadshavare 1 telefon", "custodian_phone", ""),
    ("Vårdnadshavare 2", "custodian2", ""),
    ("Vårdnadshavare 2 telefon", "custodian2_phone", ""),
    ("Deltar", "participants", "Verksamheter i teamet, med semikolon emellan, till exempel Skolan; Polisen."),
    ("Anteckning", "note", ""),
    ("Samtycke", "consent", "Blir en anteckning i ärendet. Det gäller först när någon har sett pappret och registrerat samtycket."),
)
_BEFORE = (
    "Fyll i bladet Lista, en rad för varje ung person. Skriv inte på det här bladet.",
    "Kolumner som inte behövs kan lämnas tomma eller tas bort. Egna kolumner går bra: du väljer sedan vad som tas med.",
    "Filen innehåller personuppgifter när den är ifylld. Förvara den som en akt, och radera den när den är hämtad.",
)


def template() -> bytes:
    """The workbook's bytes."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "Lista att fylla i", "created": datetime(2000, 1, 1)})  # noqa: DTZ001 - no zone in the format
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    listed = book.add_worksheet("Lista")
    for place, (heading, _field, _says) in enumerate(_COLUMNS):
        listed.set_column(place, place, max(14, len(heading) + 2), text)
        listed.write_string(0, place, heading, head)
    listed.freeze_panes(1, 0)
    explained = book.add_worksheet("Så här fyller du i")
    explained.set_column(0, 0, 28)
    explained.set_column(1, 1, 60, wrapped)
    explained.set_column(2, 2, 60, wrapped)
    for row, sentence in enumerate(_BEFORE):
        explained.write_string(row, 0, sentence)
    for place, heading in enumerate(("Kolumn", "Vad som skrivs", "Ord som går bra")):
        explained.write_string(len(_BEFORE) + 1, place, heading, head)
    for row, (heading, field, says) in enumerate(_COLUMNS, len(_BEFORE) + 2):
        explained.write_string(row, 0, heading)
        explained.write_string(row, 1, says)
        explained.write_string(row, 2, _words(field))
    last = len(_BEFORE) + 2 + len(_COLUMNS)
    explained.write_string(last, 0, "Behov, en kolumn för varje")
    explained.write_string(last, 1, "Kolumner som heter Behov skola, Behov familj och så vidare tas med i kartläggningen.")
    explained.write_string(last, 2, _words(f"{NEED}school"))
    book.close()
    return target.getvalue()


def _words(field: str) -> str:
    codelist = FIELDS[field].codelist
    return "; ".join(code.sv for code in codelists.codelist(codelist).values()) if codelist else ""
