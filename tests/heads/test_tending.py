"""Tending and the commands: signed once a day, delivered into a folder and by mail, again and again until it has left."""

from __future__ import annotations

import socket
import socketserver
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import time_machine

from tests.cli.conftest import Terminal
from tests.conftest import NOW
from tracker.audit.heads import notes, queries
from tracker.config import Config
from tracker.db import Database
from tracker.tending.duties import tend
from tracker.tending.hourly import Hourly


@dataclass
class Post:
    """A mail server of a few lines: keeps what it is given, or refuses it."""

    refuses: bool = False
    mails: list[bytes] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def post() -> Iterator[Post]:
    """Run a mail server on this machine."""
    kept = Post()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            for line in iter(self.rfile.readline, b""):
                word = line.strip().upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = list(iter(self.rfile.readline, b".\r\n"))
                    kept.mails += [] if kept.refuses else [b"".join(lines)]
                    self.wfile.write(b"451 not now\r\n" if kept.refuses else b"250 kept\r\n")
                elif word == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 yes\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        kept.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield kept
        server.shutdown()


def numbers(config: Config) -> list[tuple[int, str, int, bool]]:
    """List the deliveries: number, way, tries, done."""
    database = Database(config.url)
    with database.reading() as s:
        found = [(row.number, row.way, row.tries, bool(row.done_at)) for number in range(1, 9) for row in queries.deliveries(s, [number]).get(number, ())]
    database.close()
    return found


def cut_out(config: Config, seq: int) -> None:
    """Take an event out of the system's chain, as somebody with the file could; every head still stands."""
    with sqlite3.connect(config.url.removeprefix("sqlite:///")) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("DELETE FROM audit_event WHERE chain_id = 'system' AND seq = ?", (seq,))
    connection.close()


def test_a_day_is_signed_once_and_leaves_into_the_folder_and_by_mail(terminal: Terminal, post: Post, tmp_path: Path, frozen_clock: time_machine.Traveller) -> None:
    terminal.config = replace(terminal.config, heads_folder=str(tmp_path / "away"), heads_mail="a@example.com,b@example.com", smtp=f"smtp://127.0.0.1:{post.port}")
    assert "没有到期的例行工作" in terminal.said("tend")
    assert "公钥的指纹" in terminal.said("heads", "key", "create")
    said = terminal.said("tend")
    assert "第 1 次登记" in said and "已送出 2 份" in said
    assert "没有到期" in terminal.said("tend")
    frozen_clock.shift(24 * 3600)
    assert "第 2 次登记" in terminal.said("tend")
    first, second = sorted((tmp_path / "away").iterdir())
    assert first.name == "heads_20261122T020000Z.txt" and notes.read_file(first.read_text(encoding="ascii")).heads
    assert len(post.mails) == 2 and numbers(terminal.config) == [(1, "folder", 1, True), (1, "mail", 1, True), (2, "folder", 1, True), (2, "mail", 1, True)]
    mail = message_from_bytes(post.mails[0], policy=policy.default)
    (attached,) = mail.iter_attachments()
    assert (mail["To"], attached.get_filename(), attached.get_content()) == ("a@example.com, b@example.com", first.name, first.read_text(encoding="ascii"))
    assert "--earlier" in mail.get_body().get_content()  # type: ignore[union-attr]
    assert "核对通过：1 条链" in terminal.said("heads", "check", second)


def test_a_mail_that_fails_is_tried_again_and_holds_nothing_up(terminal: Terminal, post: Post, tmp_path: Path, frozen_clock: time_machine.Traveller) -> None:
    terminal.said("heads", "key", "create")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        terminal.config = replace(terminal.config, heads_mail="a@example.com", smtp=f"smtp://127.0.0.1:{nobody.getsockname()[1]}")
        said = terminal.refused("heads", "sign", status=1)
    assert "第 1 次登记的链头没有寄出" in said and "稍后自动再试" in said
    assert "没有到期" in terminal.said("tend")
    post.refuses, terminal.config = True, replace(terminal.config, smtp=f"smtp://127.0.0.1:{post.port}")
    frozen_clock.shift(601)
    assert "邮件服务器没有接受" in terminal.refused("tend", status=1)
    post.refuses = False
    frozen_clock.shift(601)
    assert "已送出 1 份" in terminal.said("tend")
    assert numbers(terminal.config) == [(1, "mail", 3, True)] and len(post.mails) == 1


def test_commands_say_what_is_and_refuse_in_sentences(terminal: Terminal, tmp_path: Path) -> None:
    assert "heads key create" in terminal.refused("heads", "sign", status=1)
    assert "还没有签名密钥" in terminal.refused("heads", "key", "rotate", status=1)
    terminal.said("heads", "key", "create")
    assert "已经有签名密钥" in terminal.refused("heads", "key", "create", status=1)
    assert "已写出" in terminal.said("heads", "sign", "--out", tmp_path / "out")
    assert "没有什么需要接受" in terminal.refused("heads", "accept", "--reason", "试一试", status=1)
    told = terminal.said("heads", "key", "rotate")
    assert "密钥文件还在" in terminal.refused("heads", "key", "lost", "--reason", "磁盘损坏", status=1)
    (*_older, file) = sorted(terminal.config.key_folder.glob("*.pem"), key=lambda path: path.stem in told)
    file.unlink()
    assert f"以前的指纹 {file.stem} 对今后的工作簿不再有效" in terminal.said("heads", "key", "lost", "--reason", "磁盘损坏")
    said = terminal.said("heads", "list")
    assert said.count("指纹") == 3 and "链 system：" in said and "第 1 次登记" in said
    (tmp_path / "x.txt").write_text("x", encoding="ascii")
    assert "不是链头文件" in terminal.refused("heads", "check", tmp_path / "x.txt")
    assert "读不到" in terminal.refused("heads", "check", tmp_path / "none.txt")
    assert "校验通过" in terminal.said("audit", "verify")
    terminal.said("heads", "sign", "--out", tmp_path / "late")
    (file,) = (tmp_path / "late").iterdir()
    cut_out(terminal.config, 1)
    said = terminal.refused("heads", "check", file, status=1)
    assert "链 system 第 2 条：序号不连续" in said and "链头与文件相符，但有 2 处记录不完好" in said
    cut_out(terminal.config, 2)
    assert "第 3 条的记录不见了" in terminal.refused("heads", "check", file, status=1)


def test_the_thread_of_the_service_signs_at_once_and_stops(terminal: Terminal, capfd: pytest.CaptureFixture[str]) -> None:
    terminal.said("heads", "key", "create")
    database = Database(terminal.config.url)
    hourly = Hourly(terminal.config, database, 0.01)
    hourly.start()
    deadline = threading.Event()
    for _ in range(200):
        with database.reading() as s:
            if queries.newest_registry(s):
                break
        deadline.wait(0.05)
    hourly.stop()
    with database.reading() as s:
        assert [row.number for row, _note in queries.registries(s)] == [1]
    database.close()
    assert capfd.readouterr().err == ""


def test_a_duty_that_fails_is_said_and_the_others_are_done(terminal: Terminal, tmp_path: Path) -> None:
    terminal.said("heads", "key", "create")
    terminal.config = replace(terminal.config, heads_folder=str(tmp_path / "away"))
    terminal.said("heads", "sign")
    for path in (terminal.config.key_folder).glob("*.pem"):
        path.unlink()
    database = Database(terminal.config.url)
    with time_machine.travel(NOW.replace(day=25), tick=False):
        assert list(tend(terminal.config, database, lambda: True)) == []
        assert [well for _said, well in tend(terminal.config, database)] == [False]
    database.close()
