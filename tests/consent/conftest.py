"""The fixtures of this room."""

from tests.ground import ground  # noqa: F401 - fixtures
