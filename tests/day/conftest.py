"""The small town is here."""

from tests.small_town import town  # noqa: F401 - a fixture
