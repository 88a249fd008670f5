"""Reason codes in words: why something is withheld, and why something was refused."""

from flask_babel import lazy_gettext as _l

_WORDS = {
    "no_consent": _l("Inget samtycke finns"),
    "consent_withdrawn": _l("Samtycket är återkallat"),
    "consent_expired": _l("Samtycket har gått ut"),
    "consent_pending": _l("Samtycket väntar på underskrift"),
    "consent_declined": _l("Samtycke gavs inte"),
    "consent_draft": _l("Samtycket är ett utkast"),
    "consent_superseded": _l("Samtycket är ersatt av ett nytt"),
    "consent_not_yet_valid": _l("Samtycket har inte börjat gälla"),
    "agency_not_covered": _l("Samtycket omfattar inte din verksamhet"),
    "owner_not_covered": _l("Samtycket omfattar inte verksamheten som äger uppgiften"),
    "type_not_covered": _l("Samtycket omfattar inte den här sortens uppgifter för din verksamhet"),
    "not_all_present": _l("Alla i rummet omfattas inte"),
    "not_opened": _l("Uppgiften är inte öppnad här"),
    "not_signed_in": _l("Du är inte inloggad"),
    "not_permitted": _l("Din roll ger inte rätt till det här"),
    "not_found": _l("Det finns inte, eller så är det inte ditt"),
    "blocked": _l("Du är spärrad från ärendet (jäv)"),
    "protected_identity": _l("Ärendet har skyddade personuppgifter och du står inte på listan"),
    "no_key": _l("Uppgiften omfattas inte av samtycket, och kan därför inte sparas av dig"),
    "damaged": _l("En rad som avgör behörigheten är skadad. Kontakta administratören"),
    "damaged_row": _l("En rad som avgör behörigheten är skadad. Kontakta administratören"),
    "case_closed": _l("Ärendet är avslutat. Öppna det igen för att ändra"),
    "not_your_agency": _l("Det här åtagandet är en annan verksamhets"),
    "measured_already": _l("Kartläggningen finns redan. Öppna den och ändra i den"),
    "not_in_team": _l("Verksamheten hör inte till teamet"),
    "unreadable": _l("Uppgiften är skadad och kan inte ändras. Kontakta administratören"),
    "same_person": _l("Den som förberedde kan inte också godkänna"),
    "case_open": _l("Ärendet är öppet"),
    "not_yet": _l("Tiden efter sista anteckningen är inte ute"),
    "held": _l("Gallringen är stoppad"),
    "held_already": _l("Gallringen är stoppad redan"),
    "kept_everything": _l("Kommunen bevarar alla ärenden"),
    "kept_birth_day": _l("Bevaras för forskning, efter födelsedag"),
    "birth_unknown": _l("Födelsedagen är okänd, så det går inte att veta om ärendet ska bevaras"),
    "erasure_under_way": _l("Ärendet är redan föreslaget för gallring"),
    "nothing_decided": _l("Det finns inget beslut på väg. Ladda om sidan"),
    "release_waits": _l("En utgåva väntar redan på beslut. Den ska godkännas, avslås eller dras tillbaka först"),
    "quarter_not_ended": _l("Kvartalet är inte slut än"),
    "quarter_not_next": _l("Kvartalen förbereds i ordning, ett i taget"),
    "ledger_changed": _l("Någon annan hann förbereda eller besluta under tiden. Ladda om sidan"),
    "bytes_changed": _l("Filen är inte den som visades. Ladda om sidan och granska igen"),
    "already_decided": _l("Utgåvan är redan beslutad"),
    "wrong_password": _l("Fel lösenord"),
    "unknown_login": _l("Okänt användarnamn"),
    "wrong_code": _l("Fel kod, eller en kod som redan var använd"),
    "too_many_failures": _l("För många misslyckade försök"),
    "own_role": _l("Du kan inte ta bort din egen behörighet"),
    "step_up": _l("Bekräfta först med en ny kod"),
}


def reason_words(code: str) -> str:
    """The reason in words, in the page's language. An unknown code is said to be so, never hidden."""
    return str(_WORDS.get(code, code))
