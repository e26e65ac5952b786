"""The company at work and its story, for looking back at them."""

from tests.reports.story import story
from tests.work import company, working_template

__all__ = ["company", "story", "working_template"]
