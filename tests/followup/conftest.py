"""The small town, and the case of a team, are here."""

from tests.shared_case import case_id  # noqa: F401 - a fixture
from tests.small_town import town  # noqa: F401 - a fixture
