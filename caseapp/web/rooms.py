"""The rooms that have pages."""

from caseapp.accounts.views import blueprint as accounts
from caseapp.cases.views import blueprint as cases
from caseapp.consent.views import blueprint as consent
from caseapp.day.views import blueprint as day
from caseapp.emergency.views import blueprint as emergency
from caseapp.erasure.views import blueprint as erasure
from caseapp.followup.views import blueprint as followup
from caseapp.importing.views import blueprint as importing
from caseapp.meetings.views import blueprint as meetings
from caseapp.members.views import blueprint as members
from caseapp.plans.views import blueprint as plans
from caseapp.reminders.views import blueprint as reminders
from caseapp.review.views import blueprint as review
from caseapp.rights.views import blueprint as rights
from caseapp.statistics.views import blueprint as statistics
from caseapp.web.own_pages import blueprint as own_pages

BLUEPRINTS = (
    own_pages, day, accounts, members, cases, importing, consent, plans, followup, meetings, erasure, rights, emergency, review, statistics,
    reminders,
)  # fmt: skip
