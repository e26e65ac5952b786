"""The duties, in their order. Each does what is due by now and says so in a sentence, or nothing when nothing was due."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from ..config import Config
from ..db import Database
from ..errors import Problem, why_not
from ..stores.scrubbing import scrub_slice
from ..stores.sweeping import sweep_leftovers
from .delivering import deliver
from .signing import sign_daily

Duty = Callable[[Config, Database], str | None]
Stop = Callable[[], bool]
# Each may be run at any time and by several at once: what was done a moment ago is not due again.
DUTIES: tuple[Duty, ...] = (sign_daily, deliver, sweep_leftovers)


def _never() -> bool:
    return False


def tend(config: Config, database: Database, stopped: Stop = _never) -> Iterator[tuple[str, bool]]:
    """Run every duty once; yield what each says and whether it is well. One that fails does not keep the others from running.

    Once `stopped` says so no further duty begins, and the long one, reading the stores again, breaks off.
    """
    duties: tuple[Duty, ...] = (*DUTIES, partial(scrub_slice, stopped=stopped))
    for duty in duties:
        if stopped():
            return
        try:
            if said := duty(config, database):
                yield said, True
        except Problem as problem:
            yield problem.sentence, False
        except OSError as reason:
            yield f"例行工作没有完成：{why_not(reason)}。", False
        except SQLAlchemyError as reason:
            traceback.print_exc(file=sys.stderr)
            yield f"例行工作没有完成：数据库出错（{type(reason).__name__}）。", False
