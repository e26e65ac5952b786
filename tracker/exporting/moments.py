"""The moments of an export: the one that it shows, and the one with which it is compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .. import clock
from ..asof import SINCE, check_moment, looking
from ..db import Database, UnitOfWork
from ..errors import BadInput
from ..people.access import Viewer
from ..people.queries import called
from ..progress import Told, silent
from ..reports.actions import remember
from ..reports.jobs.asking import Asked
from ..reports.lists.differences import Comparison

NOT_EARLIER = "比较时点须早于截至时点。请填写更早的时间；留空表示不作比较。"


@contextmanager
def moments(database: Database, viewer: Viewer, asked: Asked, told: Told = silent) -> Iterator[tuple[UnitOfWork, Comparison | None]]:
    """Give a session on the moment shown, at which the clock stands, and the rows of the earlier moment where one is asked for.

    Raises BadInput for a moment without history, or one to compare with that is not earlier.
    """
    with looking(database, viewer.entities, asked.as_of, told) as then:
        if asked.since is None:
            yield then, None
            return
        if asked.since >= clock.now():
            raise BadInput.at("since", NOT_EARLIER)
        with database.reading(viewer.entities) as s:
            check_moment(s, asked.since, SINCE)
        names = called(then, viewer, asked.entities) if len(set(asked.entities)) > 1 else {}
        with looking(database, viewer.entities, asked.since, told) as earlier:
            compared = remember(earlier, viewer, asked.entities, names, asked.wanted)
        with compared:
            yield then, compared
