"""What is asked at sign-in, on the own account and in the settings."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp import codelists
from caseapp.codelists.rule_sets import age_of_majority, most_months
from caseapp.fields import (
    ChoiceField,
    ChoicesField,
    CodeField,
    CodesField,
    DateField,
    Form,
    OneTimeCodeField,
    SecretField,
    TextField,
    WholeNumberField,
    YesField,
)
from caseapp.formats import clock

#: How the settings form names the choice of rule set for each work form (code list WorkForm).
RULE_SET_FIELDS = {work_form: f"consent_{work_form}" for work_form in codelists.codelist("WorkForm")}

_CODE_HINT = _l("Sex siffror från din autentiseringsapp.")
_PASSWORD_HINT = _l("Minst 12 tecken. Gärna några ord som inte hör ihop. Mellanslag går bra. Undvik namn på dig, teamet och kommunen.")


class _NewPasswordField(SecretField):
    """A password to be chosen; browsers offer to make and remember one."""

    def __init__(self, label: object = None, **named: object) -> None:
        super().__init__(label, autocomplete="new-password", **named)  # type: ignore[arg-type]


class SignInForm(Form):
    """The first step."""

    login = TextField(_l("Användarnamn"), needed=_l("Skriv ditt användarnamn."), autocomplete="username", width=30)
    password = SecretField(_l("Lösenord"), needed=_l("Skriv ditt lösenord."))


class CodeForm(Form):
    """The second step, and a fresh proof."""

    code = OneTimeCodeField(_l("Kod"), hint=_CODE_HINT, needed=_l("Skriv koden från din app."))


class ChoosePasswordForm(Form):
    """The first step of an invitation."""

    password = _NewPasswordField(_l("Välj ett lösenord"), hint=_PASSWORD_HINT, needed=_l("Välj ett lösenord."))


class ChangePasswordForm(Form):
    """A new password for oneself."""

    current_password = SecretField(_l("Ditt lösenord nu"), needed=_l("Skriv lösenordet du har nu."))
    new_password = _NewPasswordField(_l("Nytt lösenord"), hint=_PASSWORD_HINT, needed=_l("Skriv ett nytt lösenord."))


class _MunicipalityCodeField(TextField):
    """The four digits Statistics Sweden gives a municipality."""

    inputmode = "numeric"

    def understand(self, text: str) -> str:
        """The digits as typed."""
        if len(text) == 4 and text.isascii() and text.isdigit():
            return text
        raise ValueError(_("Skriv kommunkoden med fyra siffror."))


class MunicipalityForm(Form):
    """The municipality's settings."""

    name = TextField(_l("Kommunens namn"), needed=_l("Skriv kommunens namn."), max_length=100, width=30)
    code = _MunicipalityCodeField(
        _l("Kommunkod"), max_length=4, width=5, hint=_l("Fyra siffror från SCB. Den står på utgåvorna av statistiken.")
    )
    plan_label = CodeField(_l("Vad heter planen hos er?"), "PlanLabel", needed=True, look="radios")
    youngest = WholeNumberField(_l("Yngsta ålder"), largest=30, needed=True, hint=_l("Hela år."))
    oldest = WholeNumberField(_l("Äldsta ålder"), largest=30, needed=True, hint=_l("Hela år."))
    threshold = WholeNumberField(
        _l("Lägsta antal personer i en cell"),
        smallest=3,
        largest=30,  # above this hardly any table of a municipality says anything
        needed=True,
        hint=_l("Mindre antal än så döljs i statistiken. Det vanliga är 5."),
    )
    width = WholeNumberField(
        _l("Minsta osäkerhet om en dold cell"),
        smallest=2,
        largest=10,
        needed=True,
        hint=_l("Så många värden måste en dold cell kunna ha för den som räknar baklänges. Det vanliga är 3."),
    )
    minimum_population = WholeNumberField(
        _l("Antal personer i en fullständig tabell"),
        smallest=0,
        largest=10_000,
        needed=True,
        hint=_l("I tabeller om färre personer slås grupper ihop innan något visas."),
    )
    rounding_base = WholeNumberField(
        _l("Avrundade tal är multiplar av"),
        smallest=3,
        largest=20,
        needed=True,
        hint=_l("För en årstabell med avrundade tal, som aldrig ges ut tillsammans med de vanliga tabellerna. Det vanliga är 5."),
    )
    hiding_cost = ChoiceField(
        _l("Vad ska döljas hellre?"),
        [("count", _l("Så få tal som möjligt")), ("value", _l("Små tal hellre än stora, även om de blir fler"))],
        needed=True,
        look="radios",
        hint=_l("Skyddet är lika starkt. Det här avgör bara vilka tal som offras för det."),
    )
    spared_tables = ChoicesField(
        _l("Tabeller som ska vara så hela som möjligt"),
        hint=_l("Då döljs hellre tal i de andra. Välj några få: väljs alla gör det ingen skillnad."),
    )


for _name in RULE_SET_FIELDS.values():
    setattr(MunicipalityForm, _name, ChoiceField(needed=True, look="select"))


class _AgeLimitField(WholeNumberField):
    """The age in whole years below which a line of a rule set holds."""

    def understand(self, text: str) -> int:
        """An age up to that of majority."""
        try:
            return super().understand(text)
        except ValueError:
            end = age_of_majority()
            raise ValueError(
                _("Skriv en ålder i hela år, från 1 till %(end)s. Från %(end)s år skriver den unge alltid under själv.", end=end)
            ) from None


class _MonthsField(WholeNumberField):
    """For how many months a consent may last."""

    def understand(self, text: str) -> int:
        """A number of months that people can keep in mind."""
        try:
            return super().understand(text)
        except ValueError:
            most = most_months()
            raise ValueError(_("Ett samtycke får gälla minst 1 och högst %(most)s månader. Skriv ett helt antal.", most=most)) from None


#: How many lines of ages the form of a rule set offers, below the age of majority.
RULE_LINES = 4
CUSTODIANS = (
    ("all", _l("Alla vårdnadshavare skriver under")),
    ("one", _l("Det räcker att en vårdnadshavare skriver under")),
    ("none", _l("Ingen vårdnadshavare skriver under")),
)


class RuleSetForm(Form):
    """Who signs a consent at which age, and for how long it lasts at most. A line whose age is empty is not used."""

    name = TextField(_l("Regelns namn"), needed=_l("Skriv vad regeln ska heta."), max_length=120, width=30)
    name_en = TextField(_l("Namn på engelska"), max_length=120, width=30, hint=_l("Visas för den som använder sidorna på engelska."))
    longest_months = _MonthsField(
        _l("Längsta giltighet i månader"), smallest=1, largest=most_months(), needed=_l("Skriv hur många månader ett samtycke får gälla.")
    )
    unticked = CodesField(
        _l("Verksamheter som inte är förvalda"),
        "Actor",
        without=("guardian",),
        hint=_l("De går att välja i det enskilda ärendet, när någon har bedömt att de behövs."),
    )

    def lines(self) -> list[tuple[int, int, str, bool]]:
        """(place on the page, under which age, custodians, whether the young person signs) of each line that is used."""
        asked = ((place, *(self[f"{name}_{place}"].data for name in ("under", "custodians", "youth"))) for place in range(RULE_LINES))
        return [(place, under, custodians or "", bool(youth)) for place, under, custodians, youth in asked if under is not None]

    def validate(self, extra_validators: object = None) -> bool:
        """Ask for the half of a line that is missing."""
        fine = super().validate(extra_validators)
        for place in range(RULE_LINES):
            under, custodians = self[f"under_{place}"], self[f"custodians_{place}"]
            if under.data is None and not under.errors and (custodians.data or self[f"youth_{place}"].data):
                under.errors = [_("Skriv under vilken ålder raden gäller, eller töm raden.")]
            if under.data is not None and not custodians.data and not custodians.errors:
                custodians.errors = [_("Välj vilka vårdnadshavare som skriver under.")]
            fine = fine and not under.errors and not custodians.errors
        return fine


for _place in range(RULE_LINES):
    setattr(RuleSetForm, f"under_{_place}", _AgeLimitField(_l("Under vilken ålder?"), smallest=1, largest=age_of_majority()))
    setattr(RuleSetForm, f"custodians_{_place}", ChoiceField(_l("Vårdnadshavare"), CUSTODIANS, look="select"))
    setattr(RuleSetForm, f"youth_{_place}", YesField(_l("Den unge skriver under")))


class AgencyForm(Form):
    """An agency."""

    name = TextField(_l("Verksamhetens namn"), needed=_l("Skriv verksamhetens namn."), max_length=100, width=30)
    kind = CodeField(_l("Sorts aktör"), "Actor", without=("guardian",), needed=True, look="select")


class ChangeAgencyForm(AgencyForm):
    """An agency that exists."""

    is_active = YesField(_l("Verksamheten deltar"), hint=_l("Ta bort markeringen när den inte längre ska gå att välja."))


class TeamForm(Form):
    """A new team."""

    name = TextField(_l("Teamets namn"), needed=_l("Skriv teamets namn."), max_length=100, width=30)
    work_form = CodeField(_l("Arbetsform"), "WorkForm", needed=True)
    home_agency = ChoiceField(
        _l("Samordnarens verksamhet"), needed=True, look="select", hint=_l("Den gemensamma planen och mötena hör till den verksamheten.")
    )
    agencies = ChoicesField(_l("Verksamheter i teamet"))
    partner_accounts = YesField(
        _l("Samarbetsparter loggar in själva"), hint=_l("Annars leder samordnaren mötet och delar ut planen efter samtycket.")
    )


class ChangeTeamForm(Form):
    """A team that exists."""

    name = TextField(_l("Teamets namn"), needed=_l("Skriv teamets namn."), max_length=100, width=30)
    agencies = ChoicesField(_l("Verksamheter i teamet"))
    partner_accounts = YesField(
        _l("Samarbetsparter loggar in själva"),
        hint=_l("Utan markeringen läser deras folk ingenting i teamets ärenden från och med nu. Samordnaren delar ut planen på papper."),
    )
    is_active = YesField(_l("Teamet arbetar"), hint=_l("Ta bort markeringen när teamet har upphört."))


class PersonForm(Form):
    """Somebody in the register; roles in teams to be proposed are "<team id>:<role>"."""

    name = TextField(_l("Namn"), needed=_l("Skriv personens namn."), max_length=100, width=30, autocomplete="off")
    team_roles = ChoicesField(
        _l("Föreslå roller i team"),
        hint=_l(
            "Teamets enhetschef godkänner, och till dess är teamet stängt för personen. "
            "Ett team som aldrig har haft en enhetschef får sin första av dig, och det står i loggen."
        ),
    )
    roles = ChoicesField(_l("Roller i hela installationen"))


class InviteForm(PersonForm):
    """A new person."""

    agency = ChoiceField(_l("Verksamhet"), needed=True, look="select")
    login = TextField(
        _l("Användarnamn"),
        needed=_l("Skriv ett användarnamn, till exempel e-postadressen i tjänsten."),
        hint=_l("Till exempel e-postadressen i tjänsten. Inget personnummer."),
        max_length=100,
        width=30,
    )


class LogFilterForm(Form):
    """Which lines of the log to show."""

    person = ChoiceField(_l("Person"), look="select", blank=_l("Alla"))
    day = DateField(_l("Dag"), lean="past", latest=clock.today)
    case = TextField(_l("Ärendenummer"), max_length=16, width=16)
    refused = YesField(_l("Bara nekade"))


def by_team(chosen: list[str]) -> dict[str, list[str]]:
    """Team id → roles, of answers like "<team id>:<role>"."""
    teams: dict[str, list[str]] = {}
    for one in chosen:
        team_id, _colon, role = one.partition(":")
        teams.setdefault(team_id, []).append(role)
    return teams
