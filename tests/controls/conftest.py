"""The company at work, for the tests of this room."""

from tests.work import company, working_template

__all__ = ["company", "working_template"]
