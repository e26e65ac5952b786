"""The root of the command line: what every command stands on, and the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

import getpass
import io
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import click
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from .. import migrate
from ..audit.heads.keys import Keyring
from ..audit.heads.signing import Signer
from ..audit.trail import known_deployment
from ..config import Config, read_config
from ..db import Database
from ..errors import BadInput, Problem, RuleBroken, why_not
from ..people.access import Viewer, operator
from .refusals import refusal

REFUSED, BAD_INPUT = 1, 2
PASSWORD = re.compile("(://[^:/@]*):[^@]*@")


@dataclass
class Desk:
    """What a command stands on: the settings, the database, and the operator who types."""

    @cached_property
    def config(self) -> Config:
        """Return the settings, read when first asked for."""
        return read_config()

    @cached_property
    def database(self) -> Database:
        """Return the database, which must be there, migrated, and that of a service that was started once; a folder that was mistyped is not made."""
        database = self.found_database
        revision = migrate.current(database)
        if revision is None:
            raise RuleBroken(f"{self._where} 中的数据库是空的，请核对设置 {self._setting}（或先启动一次服务）。")
        if revision != migrate.head():
            raise RuleBroken("数据库还没有升级到本程序的版本。请先运行 python -m tracker db upgrade。")
        with database.reading() as s:
            known_deployment(s)
        return database

    @property
    def found_database(self) -> Database:
        """Return the database as it is; RuleBroken when none is there, and nothing is made by looking."""
        if not self.has_database:
            raise RuleBroken(f"{self._where} 中没有数据库，请核对设置 {self._setting}（或先启动一次服务）。")
        return self.bare_database

    @property
    def _setting(self) -> str:
        return "TRACKER_DATABASE_URL" if self.config.database_url else "TRACKER_INSTANCE"

    @property
    def _where(self) -> str:
        return PASSWORD.sub(r"\1:***@", self.config.database_url) or str(self.config.instance)

    @cached_property
    def bare_database(self) -> Database:
        """Return the database as it is, for setting up and migrating; one of SQLite is made when it is not there."""
        try:
            self.config.instance.mkdir(parents=True, exist_ok=True)
            return Database(self.config.url)
        except OSError as reason:
            raise Problem(f"不能使用数据目录 {self.config.instance}：{why_not(reason)}。请检查设置 TRACKER_INSTANCE 与目录的权限。") from None
        except (ArgumentError, ValueError):
            raise BadInput("设置 TRACKER_DATABASE_URL 不是可用的数据库地址，未启动。写法如 postgresql://用户:密码@主机:5432/库名。") from None

    @property
    def signer(self) -> Signer:
        """Return the signer of the heads of the trail."""
        return Signer(self.database, Keyring(self.config.key_folder))

    @property
    def has_database(self) -> bool:
        """Tell whether there is a database to look into; a file of SQLite would be made by looking."""
        try:
            url = make_url(self.config.url)
        except (ArgumentError, ValueError):
            # What is wrong with the address is said by whoever opens it.
            return True
        return not url.drivername.startswith("sqlite") or Path(url.database or "").is_file()

    @cached_property
    def operator(self) -> Viewer:
        """Return whoever types, by the name of the operating system's account."""
        return operator(f"命令行（{_account()}）")

    def close(self) -> None:
        """Close the database if it was opened; it opens again when somebody asks for it."""
        self.__dict__.pop("database", None)
        opened: Database | None = self.__dict__.pop("bare_database", None)
        if opened is not None:
            opened.close()


def _account() -> str:
    try:
        # The name goes into the trail, and a variable of the environment may say anything.
        return "".join(sign for sign in getpass.getuser() if sign.isprintable()) or "未知账号"
    except (KeyError, OSError, ImportError):
        return "未知账号"


class Speaking(click.Group):
    """A group whose errors are sentences: exit 1 when a rule refuses, 2 when input is wrong, never a traceback."""

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Read the command line; what is wrong in it is said on the error stream."""
        with _speaking():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it raises is said on the error stream."""
        with _speaking():
            return super().invoke(ctx)


@contextmanager
def _speaking() -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        say(problem)
        sys.exit(BAD_INPUT if isinstance(problem, BadInput) else REFUSED)
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        click.echo(refusal(error), err=True)
        sys.exit(BAD_INPUT)
    except DatabaseError as reason:
        # Broken constraints and wrong statements are faults of this program: those keep their traceback.
        if type(reason) not in {OperationalError, DatabaseError}:
            raise
        click.echo(_trouble(reason.orig), err=True)
        sys.exit(REFUSED)
    except sqlite3.OperationalError as reason:
        click.echo(_trouble(reason), err=True)
        sys.exit(REFUSED)
    except OSError as reason:
        click.echo(f"读写 {reason.filename or '文件'} 时出错：{why_not(reason)}，没有完成。请检查磁盘的剩余空间与目录的权限，处理后再运行。", err=True)
        sys.exit(REFUSED)
    except KeyboardInterrupt:
        click.echo("已中断。", err=True)
        sys.exit(REFUSED)


def _trouble(reason: BaseException | None) -> str:
    """Say why the database cannot be used and what to do; a full disk is the usual reason for what SQLite calls an I/O error."""
    why, code = " ".join(str(reason).split()).rstrip("?."), getattr(reason, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or getattr(reason, "sqlstate", None) == "53100":
        return "磁盘空间不足，数据库写不进去，没有完成。请清理数据目录所在的磁盘，再运行一次。"
    if code == sqlite3.SQLITE_IOERR:
        return f"读写数据库文件时出错（{why}），没有完成。最常见的原因是磁盘已满，其次是磁盘故障。请查看数据目录所在磁盘的剩余空间，清理后再运行一次；空间足够的，请检查磁盘。"
    return f"数据库现在不能使用：{why}。请核对设置 TRACKER_INSTANCE 与 TRACKER_DATABASE_URL，或稍后再试。"


def say(problem: Problem) -> None:
    """Say a problem and every place it names on the error stream."""
    click.echo(problem.sentence, err=True)
    for place in getattr(problem, "problems", ()):
        if place.sentence != problem.sentence:
            # The name of a form's field says nothing here; a line of a file does.
            bare = place.where.isidentifier() or place.where in place.sentence
            click.echo(f"  {place.sentence if bare else f'{place.where}：{place.sentence}'}", err=True)


def let_print_anything() -> None:
    """Let characters that the console's encoding lacks (cp936 on Windows) come out as ?, instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def shown(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse an empty text for an option; used as a click callback."""
    if value is not None and not value.strip():
        raise BadInput(f"选项 {parameter.opts[0]} 不能为空。")
    return value


def all_shown(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse an empty text among those of an option that may be given several times."""
    for value in values:
        shown(context, parameter, value)
    return values


pass_desk: Callable[..., Any] = click.make_pass_decorator(Desk)
