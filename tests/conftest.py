"""What several folders of tests share."""

from tests.postgres import postgres

__all__ = ["postgres"]
