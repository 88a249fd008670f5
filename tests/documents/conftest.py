"""The case of a team is here."""

from tests.shared_case import case_id  # noqa: F401 - a fixture
