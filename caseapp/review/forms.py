"""What is asked in the review of the log: which month, a question, an answer, an assessment, and the settings."""

from flask_babel import lazy_gettext as _l

from caseapp.fields import ChoiceField, ChoicesField, CodeField, Form, HourField, TextArea, WholeNumberField


class SelectForm(Form):
    """Which month's list to make."""

    month = ChoiceField(_l("Månad"), needed=_l("Välj en månad som är slut."), look="select")


class AskForm(Form):
    """A question to the person whose reading it was."""

    question = TextArea(
        _l("Din fråga"),
        hint=_l("Fråga vad läsningen behövdes till. Skriv inget om den unge. Ärendenumret räcker."),
        needed=_l("Skriv frågan."),
        max_length=2000,
        rows=4,
    )


class AnswerForm(Form):
    """The answer."""

    answer = TextArea(
        _l("Ditt svar"),
        hint=_l("Berätta vad du behövde ärendet till. Skriv inget om den unge."),
        needed=_l("Skriv ditt svar."),
        max_length=2000,
        rows=5,
    )


class CloseReviewForm(Form):
    """How a review ends."""

    assessment = CodeField(_l("Bedömning"), "ReviewAssessment", needed=_l("Välj en bedömning."), look="radios")
    words = TextArea(
        _l("Motivering"),
        hint=_l("Behövs vid anmärkning och incident, och när en fråga inte har fått svar. Skriv inget om den unge."),
        max_length=2000,
        rows=4,
    )


class ReviewSettingsForm(Form):
    """What is chosen for review each month."""

    sample = WholeNumberField(
        _l("Läsningar i stickprovet"),
        smallest=1,
        largest=500,
        needed=True,
        hint=_l("Så många läsningar dras på måfå varje månad, utöver dem som sticker ut."),
    )
    work_begins = HourField(_l("Arbetsdagen börjar"), needed=True)
    work_ends = HourField(_l("Arbetsdagen slutar"), needed=True)
    weekdays = ChoicesField(_l("Arbetsdagar"), needed=_l("Välj minst en dag."))
    cases_a_day = WholeNumberField(
        _l("Högsta antal ärenden en person öppnar på en dag"),
        smallest=1,
        largest=1000,
        needed=True,
        hint=_l("Fler än så på en dag granskas alltid. En samordnare öppnar alla ärenden på ett möte."),
    )
    times_median = WholeNumberField(
        _l("Hur många gånger den egna vanliga dagen"),
        smallest=2,
        largest=50,
        needed=True,
        hint=_l("Öppnar någon mer än så många gånger fler ärenden än hen brukar på en dag, granskas den dagen."),
    )
