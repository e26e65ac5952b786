"""One frozen Config read from the environment, loud when something in it is wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .errors import BadInput, Place

PREFIX = "TRACKER_"
ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1024 * 1024


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"应为 {low} 到 {high} 之间的整数")
        return int(text)

    return read


def _flag(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("应为 0 或 1")
    return text == "1"


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("不能为空")
    return text.strip()


def _folder(text: str) -> str:
    return str(Path(_text(text)).absolute())


def _addresses(text: str) -> str:
    every = [one.strip() for one in _text(text).split(",")]
    if not all(re.fullmatch(r"[^\s@,;<>]+@[^\s@,;<>]+", one) for one in every):
        raise ValueError("应为邮箱地址，几个之间用英文逗号隔开")
    return ",".join(every)


def _mail_server(text: str) -> str:
    parts = urlsplit(_text(text))
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("应写作 smtp://用户:密码@主机:端口 或 smtps://…")
    if parts.port == 0:
        raise ValueError("端口应为 1 到 65535 之间的整数")
    return text.strip()


def _url(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("应以 sqlite:/// 或 postgresql:// 开头")
    return text


def _setting(default: Any, read: Callable[[str], Any], about: str) -> Any:
    return field(default=default, metadata={"read": read, "about": about})


@dataclass(frozen=True)
class Config:
    """Every setting with its default; sizes in bytes unless the name says otherwise."""

    host: str = _setting("127.0.0.1", _text, "监听地址")
    port: int = _setting(8000, _whole(1, 65535), "监听端口")
    threads: int = _setting(4, _whole(1, 64), "服务线程数")
    instance: Path = _setting(ROOT / "instance", lambda text: Path(_text(text)).absolute(), "数据目录：数据库、证据、导出文件都在其中")
    database_url: str = _setting("", _url, "数据库地址；不设时用数据目录中的 SQLite 文件")
    backups: str = _setting("", lambda text: str(Path(_text(text)).absolute()), "备份目录；不设时用数据目录中的 backups，最好设在另一块磁盘上")
    register: Path = _setting(ROOT / "obligations.yaml", lambda text: Path(_text(text)).absolute(), "义务清单文件")
    upload_limit_mb: int = _setting(100, _whole(1, 4096), "单个上传文件的上限（MB）")
    session_hours: int = _setting(12, _whole(1, 720), "登录后多少小时需要重新登录")
    horizon_days: int = _setting(100, _whole(1, 800), "提前多少天生成任务")
    workers: int = _setting(1, _whole(1, 8), "同时生成的导出数；其余的排队等待")
    keys: str = _setting("", _folder, "签名密钥的目录；不设时是数据目录中的 keys")
    heads_folder: str = _setting("", _folder, "每次登记后把链头文件写到这个目录，最好不在本机的磁盘上")
    heads_mail: str = _setting("", _addresses, "每次登记后把链头文件寄给这些邮箱，几个之间用英文逗号隔开")
    smtp: str = _setting("", _mail_server, "寄送用的邮件服务器，写作 smtp://用户:密码@主机:端口 或 smtps://…")
    scrub_mb: int = _setting(10, _whole(1, 4096), "后台重读证据和导出件的速度上限（MB/秒）")
    https: bool = _setting(False, _flag, "是否经由 HTTPS 提供服务（1 时会话 Cookie 只经 HTTPS 发送）")
    demo: bool = _setting(False, _flag, "演示模式：登录页可一键以演示人员身份进入，切勿用于真实数据")

    @property
    def url(self) -> str:
        """Return the SQLAlchemy URL in force; plain postgresql:// means psycopg 3."""
        if not self.database_url:
            return f"sqlite:///{self.instance / 'tracker.db'}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def upload_limit(self) -> int:
        """Return the largest size of one uploaded file, in bytes."""
        return self.upload_limit_mb * MEGABYTE

    @property
    def store(self) -> Path:
        """Return the folder of the evidence store."""
        return self.instance / "evidence"

    @property
    def backup_folder(self) -> Path:
        """Return the folder of the backups."""
        return Path(self.backups) if self.backups else self.instance / "backups"

    @property
    def exports(self) -> Path:
        """Return the folder in which exported workbooks are kept."""
        return self.instance / "exports"

    @property
    def work(self) -> Path:
        """Return the folder in which every worker has one for what it needs only while it works."""
        return self.instance / "work"

    @property
    def key_folder(self) -> Path:
        """Return the folder of the private signing keys."""
        return Path(self.keys) if self.keys else self.instance / "keys"

    def environment(self) -> dict[str, str]:
        """Return the variables that give another process these very settings."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {PREFIX + name.upper(): str(int(value) if isinstance(value, bool) else value) for name, value in values.items() if value != ""}


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of `python -m tracker config`."""

    variable: str
    value: str
    default: str
    about: str


def read_config(environ: Mapping[str, str] | None = None) -> Config:
    """Read the settings; every wrong or unknown variable is named at once (BadInput)."""
    given = {k: v for k, v in (os.environ if environ is None else environ).items() if k.startswith(PREFIX)}
    values: dict[str, Any] = {}
    problems: list[Place] = []
    for item in fields(Config):
        variable = PREFIX + item.name.upper()
        if variable in given:
            try:
                values[item.name] = item.metadata["read"](given.pop(variable))
            except ValueError as reason:
                problems.append(Place(variable, f"设置 {variable} 不对：{reason}。"))
    problems += [Place(name, f"不认识设置 {name}，可用的设置见 python -m tracker config。") for name in sorted(given) if name not in KNOWN_ELSEWHERE]
    if values.get("heads_mail") and not values.get("smtp"):
        problems.append(Place("TRACKER_SMTP", "设置了 TRACKER_HEADS_MAIL，还要用 TRACKER_SMTP 给出邮件服务器。"))
    if problems:
        raise BadInput("设置有误，未启动。", problems)
    return Config(**values)


# Variables with our prefix that the tests and the Makefile read, not the application.
KNOWN_ELSEWHERE = {"TRACKER_NO_SKIPS", "TRACKER_SOURCES", "TRACKER_CHROMIUM", "TRACKER_PICTURES", "TRACKER_TEST_POSTGRES"}


def settings(config: Config) -> list[Setting]:
    """List every setting with its value in force, its default and what it means."""
    return [
        Setting(PREFIX + item.name.upper(), _shown(getattr(config, item.name)), _shown(item.default), item.metadata["about"])
        for item in fields(Config)
    ]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    # What is printed is copied into mails and tickets: a password in an address is not.
    return re.sub(r"(://[^:@/]*):[^@]*@", r"\1:***@", str(value))
