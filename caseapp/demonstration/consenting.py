"""The consent of a case: asked for, answered as its outline says, withdrawn and renewed; and one decision to disclose without it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from caseapp import codelists
from caseapp.access import today
from caseapp.cases.consenting import ask_for_consent, read_consent, register_answers
from caseapp.cases.disclosing import Wanted, agree_to_disclosure, decide_disclosure
from caseapp.consent.actions import Answer, withdraw_consent
from caseapp.consent.reading import SignatureCard

from .thread import CaseThread
from .written import phrases

#: What every consent covers; the rest is as the story asks.
_ALWAYS_SHARED = ("identity", "contact", "assessment", "outcome", "plan", "support_ongoing")


class Consenting(CaseThread):
    """The steps with consent."""

    def _consent(self) -> Iterator[datetime]:
        yield self.diary.after(1, 5)
        consent_id = self._ask(self.outline.consent_ends)
        yield self.diary.after(2, 6)
        asked = self._signatures(consent_id)
        if self.outline.answers == "awaited":
            return
        if self.outline.answers == "declined":
            self._answer(consent_id, asked[:1], "declined")
            return
        if self.outline.answers == "one_missing":
            self._answer(consent_id, asked[:1])
            yield self.diary.soon()
            self._note(self.actor, "assessment", "Väntar på underskrift", phrases()["consent_missing"])
            yield from self._disclose()
            return
        if self.outline.answers == "unreachable" and len(asked) > 1:
            self._answer(consent_id, asked[1:], waived=asked[:1])
        elif len(asked) > 1 and self.rng.random() < 0.4:
            self._answer(consent_id, asked[:1])
            yield self.diary.after(2, 5)
            self._answer(consent_id, asked[1:])
        else:
            self._answer(consent_id, asked)
        self.is_shared = True

    def _ask(self, ends: date | None, renews_id: str = "") -> str:
        agencies = [agency for agency in self.workers if agency not in self.outline.left_out]
        kinds = [kind for kind in codelists.codelist("InformationType") if kind in _ALWAYS_SHARED or self._is_needed(kind)]
        return ask_for_consent(
            self.actor,
            self.case_id,
            agency_ids=[self.town.agencies[agency] for agency in agencies],
            types=kinds,
            without=[(self.town.agencies[agency], kind) for agency, kind in sorted(self.outline.without)],
            valid_from=today(),
            valid_to=ends or today() + timedelta(days=364),
            purpose="sspf_cooperation" if self.outline.team == "sspf" else "sig_cooperation",
            informed_on=today(),
            informed_by=self.actor.name,
            paper_reference=f"Pärm {today().year}, flik {self.rng.randint(1, 60)}",
            renews_id=renews_id,
        )

    def _is_needed(self, kind: str) -> bool:
        if kind in ("health", "substance", "offences"):
            need = {"health": "mental_health", "substance": "substance", "offences": "norm_breaking"}[kind]
            return self.story.needs.get(need, 0) > 0 or any(note["type"] == kind for note in self.story.notes)
        return True

    def _signatures(self, consent_id: str) -> list[SignatureCard]:
        page = read_consent(self.actor, self.case_id)
        return list(next(consent for consent in page.consents if consent.id == consent_id).signatures)

    def _answer(
        self, consent_id: str, asked: Sequence[SignatureCard], decision: str = "given", waived: Sequence[SignatureCard] = ()
    ) -> None:
        method = self.rng.choices(("paper", "eid", "oral_documented"), (7, 2, 1))[0]
        witness = self.town.actors["helena"].name if method == "oral_documented" else ""
        answers = [Answer(one.id, decision, today(), method if decision == "given" else "", witness) for one in asked]
        answers += [Answer(one.id, "waived", reason=phrases()["unreachable"]) for one in waived]
        register_answers(self.actor, self.case_id, consent_id, answers)

    def _disclose(self) -> Iterator[datetime]:
        """While the consent waits: two people of social services decide that the police may know of one thing."""
        if "police" not in self.workers:
            return
        yield self.diary.soon()
        wanted = Wanted(
            ground="prevent_crime_under_21",
            to_agency_id=self.town.agencies["police"],
            types=("identity", "assessment"),
            valid_to=today() + timedelta(days=29),
            weighing=phrases()["disclosure_weighing"],
            why_not_informed=phrases()["disclosure_not_informed"],
        )
        decision_id = decide_disclosure(self.actor, self.case_id, wanted)
        yield self.diary.soon()
        agree_to_disclosure(self.town.actors["helena"], self.case_id, decision_id)

    def _withdraw(self) -> None:
        page = read_consent(self.actor, self.case_id)
        assert page.holding is not None
        agency = self.outline.withdrawn_for
        who = next((one.name for one in self.family.related if one.is_custodian), self.family.person.name)
        withdraw_consent(
            self.actor,
            self.case_id,
            page.holding.id,
            received_from=who,
            received_how="per telefon",
            agency_id=self.town.agencies[agency] if agency else None,
        )
        self.is_shared = bool(agency)
        if not agency:
            self._note(self.actor, "assessment", "Samtycket återkallat", phrases()["withdrawn"])

    def _renew(self) -> Iterator[datetime]:
        page = read_consent(self.actor, self.case_id)
        consent_id = self._ask(None, page.holding.id if page.holding else "")
        yield self.diary.after(1, 3)
        self._answer(consent_id, self._signatures(consent_id))
