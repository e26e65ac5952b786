"""The duty to sign: a registry over all chains at least once a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from .. import clock
from ..alarms.actions import raise_alarm, settle_alarm
from ..alarms.kinds import HISTORY_BROKEN
from ..alarms.queries import open_objects
from ..audit.actor import SYSTEM
from ..audit.heads import queries
from ..audit.heads.keys import Keyring
from ..audit.heads.signing import Round, Signer
from ..config import Config
from ..db import EVERY_ENTITY, Database
from ..errors import RuleBroken

DAILY = timedelta(hours=24)
MOST_SAID = 900
FOLDER, MAIL = "folder", "mail"


def ways(config: Config) -> tuple[str, ...]:
    """Say in which ways heads leave this machine by the settings."""
    return (*([FOLDER] if config.heads_folder else []), *([MAIL] if config.heads_mail else []))


def sign_daily(config: Config, database: Database) -> str:
    """Sign when the newest registry is older than a day; without any key nothing is due.

    A history that does not extend what was signed, as after a restore, is said (RuleBroken) every time and not only once a day.
    """
    with database.reading(EVERY_ENTITY) as s:
        newest = queries.newest_registry(s)
        if not queries.keys(s):
            return ""
        alarmed = bool(open_objects(s, HISTORY_BROKEN))
    signer = Signer(database, Keyring(config.key_folder))
    if newest and clock.now() - datetime.fromisoformat(newest[1].at) < DAILY:
        done, due = Round(None, 0, list(signer.refusals().values())), False
    else:
        done, due = signer.sign_all(ways(config)), True
    # Nobody reads the output of a service; who may act on it sees an alarm until signing goes on.
    if done.refused or alarmed:
        with database.writing(EVERY_ENTITY) as s:
            if done.refused:
                raise_alarm(s, SYSTEM, HISTORY_BROKEN, "heads", "\n".join(dict.fromkeys(done.refused))[:MOST_SAID])
            else:
                settle_alarm(s, SYSTEM, HISTORY_BROKEN, "heads")
    return told(done) if due or done.refused else ""


def told(done: Round) -> str:
    """Say what was signed; raises RuleBroken with every reason when something was refused."""
    if done.refused:
        raise RuleBroken("\n".join(dict.fromkeys(done.refused)))
    return f"已签名：{done.heads} 条链的链头，第 {done.number} 次登记。"
