"""How much waits, in a person's language and in so many words. Whoever reads it on the way learns counts and the address of the program."""

from email.message import EmailMessage

from flask_babel import force_locale, gettext, ngettext

from .actions import Letter


def composed(letter: Letter, *, sender: str, address: str) -> EmailMessage:
    """The letter as it is sent. `address` is where one signs in."""
    counts = letter.counts
    with force_locale(letter.language):
        lines = []
        if counts.tasks:
            lines.append(ngettext("%(num)s sak att göra", "%(num)s saker att göra", counts.tasks))
        if counts.late:
            lines.append(ngettext("%(num)s av dem brådskar", "%(num)s av dem brådskar", counts.late))
        if counts.meetings:
            lines.append(ngettext("%(num)s möte de närmaste sju dagarna", "%(num)s möten de närmaste sju dagarna", counts.meetings))
        if counts.questions:
            lines.append(ngettext("%(num)s fråga från loggkontrollen", "%(num)s frågor från loggkontrollen", counts.questions))
        text = "\n".join(
            [
                gettext("Det här väntar på dig:"),
                "",
                *(f"- {line}" for line in lines),
                "",
                gettext("Logga in och se Min dag: %(address)s", address=address),
                "",
                gettext("Du väljer själv om du vill ha påminnelser, under Mitt konto."),
                "",
            ]
        )
        message = EmailMessage()
        message["Subject"] = gettext("Påminnelse: något väntar på dig")
    message["From"], message["To"] = sender, letter.email
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message
