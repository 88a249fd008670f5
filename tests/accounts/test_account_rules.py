"""The law of signing in, by table: passwords, waiting, sessions, codes."""

from datetime import UTC, datetime, timedelta

import pytest

from caseapp.accounts.passwords import is_password, new_password
from caseapp.accounts.rules import ACCOUNT, ACCOUNT_HERE, NETWORK, Patience, fold_login, is_fresh, is_over, why_weak
from caseapp.accounts.second_factor import code_at, step_of

NOON = datetime(2026, 9, 15, 12, 0, tzinfo=UTC)
CONTEXT = {"Ekhamra kommun", "SSPF Ekhamra", "Karin Ekström", "karin.ekstrom@ekhamra.example"}


@pytest.mark.asvs("6.2.1")
@pytest.mark.asvs("6.2.4")
@pytest.mark.asvs("6.2.11")
@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("elva tecken", "too_short"),
        ("mossa trakt9", None),
        ("mossa traktor kyrka 9", None),
        ("x" * 129, "too_long"),
        ("Ekhamra kommun 2026", "names_you"),
        ("KarinEkström1!", "names_you"),
        ("123456789012", "guessable"),
        ("qwertyuiopas", "guessable"),
        ("password1234", "guessable"),
        ("iloveyou1234", "guessable"),
        ("sommar sommar", "guessable"),
        ("Sommar2026!!!", "guessable"),
        ("Vinter2025-2026", "guessable"),
        ("Hej hej hej hej", "guessable"),
        ("4471 0936 2285", None),
        ("aaaaaaaaaaaaaaaa", "guessable"),
    ],
)
def test_a_password_is_refused_for_being_short_long_guessable_or_about_the_person(password: str, reason: str | None) -> None:
    assert why_weak(password, CONTEXT) == reason


@pytest.mark.asvs("6.2.5")
@pytest.mark.parametrize("password", ["gul cykel sover djupt", "GULCYKELSOVERDJUPT", "🚲 gul cykel 🌙 natt", "tjugosju blå fåtöljer"])
def test_no_kind_of_character_is_demanded(password: str) -> None:
    assert why_weak(password, CONTEXT) is None


@pytest.mark.asvs("6.2.9")
def test_a_password_of_128_characters_is_taken_and_every_one_counts() -> None:
    password = "tolv apor bygger en bro av papper över ån " * 3 + "ab"
    assert len(password) == 128
    hashed = new_password(password, CONTEXT)
    assert is_password(password, hashed)
    assert not is_password(password[:-1] + "c", hashed)


@pytest.mark.asvs("6.2.8")
@pytest.mark.parametrize("typed", ["Mossa traktor kyrka 9", "mossa traktor kyrka 9 ", " mossa traktor kyrka 9", "mossa  traktor kyrka 9"])
def test_a_password_counts_exactly_as_it_is_typed(typed: str) -> None:
    assert not is_password(typed, new_password("mossa traktor kyrka 9", CONTEXT))


@pytest.mark.asvs("11.4.2")
def test_a_password_is_kept_as_argon2id_with_at_least_what_owasp_recommends() -> None:
    # OWASP Password Storage Cheat Sheet: m=19456 (19 MiB), t=2, p=1
    assert new_password("mossa traktor kyrka 9", ()).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_nobodys_password_is_never_right() -> None:
    assert not is_password("nobody's password", None)


@pytest.mark.parametrize(
    ("typed", "folded"), [("Karin@Ek.se", "karin@ek.se"), (" karin ", "karin"), ("A\u030ASA", "åsa"), ("STRAßE", "strasse")]
)
def test_a_login_is_the_same_in_every_case_and_writing(typed: str, folded: str) -> None:
    assert fold_login(typed) == folded


def failures(count: int) -> list[datetime]:
    return [NOON + timedelta(seconds=n) for n in range(count)]


@pytest.mark.parametrize(
    ("count", "seconds"), [(0, None), (4, None), (5, 15), (6, 30), (7, 60), (8, 120), (9, 240), (10, 480), (11, 900), (12, 900), (500, 900)]
)
def test_the_wait_doubles_from_the_fifth_failure_up_to_a_quarter_of_an_hour(count: int, seconds: int | None) -> None:
    last = NOON + timedelta(seconds=count - 1)
    expected = None if seconds is None else last + timedelta(seconds=seconds)
    assert ACCOUNT_HERE.wait_until(failures(count)) == expected


@pytest.mark.asvs("6.3.1")
@pytest.mark.parametrize("patience", [ACCOUNT_HERE, ACCOUNT, NETWORK])
def test_no_number_of_failures_becomes_a_lock(patience: Patience) -> None:
    until = patience.wait_until(failures(100_000))
    assert until is not None
    assert until - failures(100_000)[-1] <= timedelta(minutes=15)


@pytest.mark.parametrize(
    ("minutes_since_begun", "minutes_since_seen", "over"),
    [(0, 0, False), (60, 19.9, False), (60, 20, True), (599, 1, False), (600, 0, True), (601, 1, True)],
)
def test_a_session_is_over_unused_for_twenty_minutes_or_after_ten_hours(
    minutes_since_begun: float, minutes_since_seen: float, over: bool
) -> None:
    begun, seen = NOON - timedelta(minutes=minutes_since_begun), NOON - timedelta(minutes=minutes_since_seen)
    assert is_over(NOON, begun=begun, seen=seen, idle=timedelta(minutes=20), longest=timedelta(hours=10)) is over


@pytest.mark.parametrize(("seconds_ago", "fresh"), [(0, True), (299, True), (300, False), (-1, False)])
def test_a_proof_is_fresh_for_five_minutes(seconds_ago: int, fresh: bool) -> None:
    assert is_fresh(NOON.timestamp() - seconds_ago, NOON) is fresh


def test_who_never_gave_a_proof_has_no_fresh_one() -> None:
    assert not is_fresh(0.0, datetime.fromtimestamp(10, UTC))


# RFC 6238 appendix B, SHA-1, secret "12345678901234567890"; the last six of its eight digits
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")]


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert code_at(RFC_SECRET, moment) == code
    assert step_of(code, RFC_SECRET, moment, after=0) == seconds // 30


@pytest.mark.asvs("6.5.5")
@pytest.mark.parametrize(("seconds_late", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_is_taken_one_step_early_or_late_and_no_more(seconds_late: int, taken: bool) -> None:
    code = code_at(RFC_SECRET, NOON)
    assert (step_of(code, RFC_SECRET, NOON + timedelta(seconds=seconds_late), after=0) is not None) is taken


@pytest.mark.asvs("6.5.1")
def test_a_code_is_not_taken_in_a_step_that_was_used() -> None:
    step = step_of(code_at(RFC_SECRET, NOON), RFC_SECRET, NOON, after=0)
    assert step is not None
    assert step_of(code_at(RFC_SECRET, NOON), RFC_SECRET, NOON, after=step) is None
    assert step_of(code_at(RFC_SECRET, NOON), RFC_SECRET, NOON, after=step - 1) == step
