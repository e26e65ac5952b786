"""The duty to deliver: files of heads into the folder and by mail, after they were committed, again and again until they have left."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .. import clock
from ..audit.heads import queries
from ..audit.heads.models import HeadsDelivery
from ..config import Config
from ..db import EVERY_ENTITY, Database
from ..durable import part_of, put_in_place, write_part
from ..errors import RuleBroken, why_not
from .signing import FOLDER, MAIL

PATIENCE = 30
# A server that is away for a night gets it in the morning; nobody is asked every minute.
AGAIN = timedelta(minutes=10)
PORTS = {"smtp": 587, "smtps": 465}
BODY = """这是合规义务台账操作留痕的签名链头，请妥善保存，不要改动附件。

以后收到导出的工作簿或审计包时，用附件核对它的历史是不是当时的延续：
    python verify.py 工作簿.xlsx --earlier {name}
附件的 SHA-256 不必另记：其中每一条都有签名。登记时间（UTC）：{at}；公钥指纹：{fingerprint}
"""


def deliver(config: Config, database: Database) -> str:
    """Deliver what is waiting and due; raises RuleBroken with what could not be delivered, which stays waiting."""
    with database.reading(EVERY_ENTITY) as s:
        due = [(row.number, row.way) for row in queries.waiting(s) if not row.tried_at or clock.now() - datetime.fromisoformat(row.tried_at) >= AGAIN]
    failed: list[str] = []
    for number, way in due:
        error = _try(config, database, number, way)
        _note(database, number, way, error)
        failed += [f"第 {number} 次登记的链头{'没有写到目录' if way == FOLDER else '没有寄出'}：{error}"] if error else []
    if failed:
        raise RuleBroken("\n".join(failed))
    return f"已送出 {len(due)} 份链头文件。" if due else ""


def _try(config: Config, database: Database, number: int, way: str) -> str:
    """Deliver one and say why not, nothing when it has left."""
    with database.reading(EVERY_ENTITY) as s:
        name, text = queries.heads_file(s, number)
    # Outside any unit of work: a slow server holds nobody up.
    ways: dict[str, Callable[[Config, str, str], None]] = {FOLDER: _to_folder, MAIL: _by_mail}
    try:
        ways[way](config, name, text)
    except (smtplib.SMTPException, ssl.SSLError, TimeoutError) as reason:
        return f"邮件服务器没有接受（{type(reason).__name__}：{' '.join(str(reason).split())[:200]}）。稍后自动再试。"
    except OSError as reason:
        return f"{f'连接不上邮件服务器（{reason}）' if way == MAIL and config.smtp else why_not(reason)}。稍后自动再试。"
    return ""


def _note(database: Database, number: int, way: str, error: str) -> None:
    now = clock.stamp(clock.now())
    with database.writing(EVERY_ENTITY) as s:
        row = s.get_one(HeadsDelivery, (number, way), with_for_update=True)
        row.tries, row.tried_at, row.error = row.tries + 1, now, error
        row.done_at = row.done_at or ("" if error else now)


def _to_folder(config: Config, name: str, text: str) -> None:
    if not config.heads_folder:
        raise FileNotFoundError(2, "TRACKER_HEADS_FOLDER")
    place_file(Path(config.heads_folder), name, text)


def place_file(folder: Path, name: str, text: str) -> None:
    """Write a file of heads into a folder, wholly or not at all; whoever may look into the folder may read it."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        _open_to_others(folder, 0o755)
    write_part(folder / name, [text.encode("ascii")])
    _open_to_others(part_of(folder / name), 0o644)
    put_in_place(folder / name)


def _open_to_others(path: Path, mode: int) -> None:
    # Unlike everything else that we write, this is for others. A share of another system may know no modes.
    with suppress(OSError):
        path.chmod(mode)


def _by_mail(config: Config, name: str, text: str) -> None:
    if not config.smtp or not config.heads_mail:
        raise FileNotFoundError(2, "TRACKER_SMTP")
    with _server(config.smtp) as server:
        server.send_message(message(config, name, text))


def message(config: Config, name: str, text: str) -> EmailMessage:
    """Return the mail with the file of heads."""
    mail, user = EmailMessage(), unquote(urlsplit(config.smtp).username or "")
    registry = next(block for block in text.split("\n\n") if block.startswith("CA1 registry\n")).split("\n")
    mail["Subject"], mail["To"] = f"操作留痕的签名链头 {name}", config.heads_mail.replace(",", ", ")
    mail["From"] = user if "@" in user else config.heads_mail.split(",")[0]
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="tracker.invalid")
    mail.set_content(BODY.format(name=name, at=registry[2], fingerprint=registry[4]))
    mail.add_attachment(text.encode("ascii"), maintype="text", subtype="plain", filename=name)
    return mail


def _server(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port, safe = parts.hostname or "", parts.port or PORTS[parts.scheme], ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=safe)
    else:
        server = smtplib.SMTP(host, port, timeout=PATIENCE)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=safe)
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server
