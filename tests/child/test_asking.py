"""The limited child: it gets its words and its bytes, nothing else, and not more than it may take."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tracker.child.asking import Answer, Limits, TooLong, ask

LIMITS = Limits(memory=256 * 1024 * 1024, output=1024 * 1024, processor=5, patience=20)
ON_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
Asked = Callable[..., Answer]


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    """Give a function that runs a program in the child."""
    def of(program: str, *words: str, limits: Limits = LIMITS, given: bytes = b"") -> Answer:
        script = tmp_path / "program.py"
        script.write_text(program, encoding="utf-8")
        return ask(script, words, limits, given)

    return of


def test_words_and_bytes_go_in_and_bytes_and_a_code_come_out(asked: Asked) -> None:
    program = "import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read() + '｜'.join(sys.argv[1:]).encode())\nsys.exit(9)"
    assert asked(program, "一", "two", given=b"\0\xff" * 100_000) == Answer(9, b"\0\xff" * 100_000 + "一｜two".encode())


def test_bytes_that_nobody_reads_do_no_harm(asked: Asked) -> None:
    assert asked("print('ok')", given=b"x" * 5_000_000).output.split() == [b"ok"]


def test_a_program_knows_itself_as_the_program(asked: Asked) -> None:
    assert asked("print(__name__)").output.split() == [b"__main__"]


def test_a_child_that_takes_too_long_is_ended(asked: Asked) -> None:
    began = time.monotonic()
    with pytest.raises(TooLong):
        asked("import time\ntime.sleep(60)", limits=replace(LIMITS, patience=0.5))
    assert time.monotonic() - began < 20


def test_a_child_is_told_nothing_of_the_environment(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_DATABASE_URL", "postgresql://secret")
    names = asked("import os\nprint(*os.environ)").output.decode().split()
    assert set(names) <= {"SYSTEMROOT", "LD_LIBRARY_PATH", "LC_CTYPE"} and "TRACKER_DATABASE_URL" in os.environ


def test_a_child_imports_nothing_of_the_application(asked: Asked) -> None:
    assert asked("import tracker").code == 1


@ON_POSIX
@pytest.mark.parametrize("program", [
    "while True: pass", "held = []\nwhile True: held.append(bytes(1 << 20))", "import sys\nwhile True: sys.stdout.buffer.write(bytes(1 << 16))",
    "import os\nos.abort()",
])
def test_a_child_that_takes_more_than_it_may_comes_to_a_bad_end(asked: Asked, program: str) -> None:
    answer = asked(program, limits=replace(LIMITS, processor=0.7))
    assert answer.code != 0 and len(answer.output) <= LIMITS.output


@ON_POSIX
def test_processor_time_ends_before_the_next_whole_second(asked: Asked) -> None:
    before = os.times()
    assert asked("while True: pass", limits=replace(LIMITS, processor=0.4)).code < 0
    after = os.times()
    assert after.children_user + after.children_system - before.children_user - before.children_system < 0.9


@ON_POSIX
def test_the_limits_cannot_be_lifted_again(asked: Asked) -> None:
    program = "import resource as r\nprint(*(r.getrlimit(w) for w in (r.RLIMIT_AS, r.RLIMIT_FSIZE, r.RLIMIT_CPU, r.RLIMIT_CORE)))"
    said = asked(program, limits=replace(LIMITS, processor=1.2)).output.decode().split()
    assert "".join(said) == "".join(f"({most},{most})" for most in (LIMITS.memory, LIMITS.output, 2, 0))
