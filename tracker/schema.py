"""Every table in one import, for migrations and tests."""

from __future__ import annotations

from .audit import models as audit
from .db import Base
from .people import models as people

ROOMS = (audit, people)
METADATA = Base.metadata
