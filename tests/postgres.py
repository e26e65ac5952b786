"""A PostgreSQL server of the tests' own: Debian's postgresql-15, reachable by a local socket only, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BINARIES = Path("/usr/lib/postgresql/15/bin")
ABSENT = "PostgreSQL 15 is not installed (apt-get install postgresql-15), and TRACKER_TEST_POSTGRES names no server"


@contextmanager
def server() -> Iterator[str]:
    """Start a server and give the URL of its maintenance database; LookupError where there is no PostgreSQL."""
    given = os.environ.get("TRACKER_TEST_POSTGRES", "")
    if given:
        yield given.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    if not (BINARIES / "initdb").exists():
        raise LookupError(ABSENT)
    # Not below pytest's own folder: the server runs as another user, who may not look into it.
    folder = Path(tempfile.mkdtemp(prefix="tracker-pg-", dir="/tmp"))
    data, options = folder / "data", f"-c listen_addresses='' -c fsync=off -k {folder}"
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        _run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        _run("pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            _run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *arguments: str | Path) -> None:
    # PostgreSQL refuses to run as root.
    as_whom = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 and _has_postgres() else {}
    done = subprocess.run(
        [BINARIES / program, *arguments], cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, check=False, **as_whom,  # type: ignore[call-overload]
    )
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stderr.strip()}")


def _has_postgres() -> bool:
    return any(user.pw_name == "postgres" for user in pwd.getpwall())
