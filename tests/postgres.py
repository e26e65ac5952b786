"""A PostgreSQL server of the tests' own: Debian's postgresql-15, reachable by a local socket only, gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url

BINARIES = Path("/usr/lib/postgresql/15/bin")
ABSENT = "PostgreSQL 15 is not installed (apt-get install postgresql-15), and TRACKER_TEST_POSTGRES names no server"


def there() -> bool:
    """Tell whether a server can be had here."""
    return bool(os.environ.get("TRACKER_TEST_POSTGRES")) or (BINARIES / "initdb").exists()


@contextmanager
def server() -> Iterator[str]:
    """Start a server and give the URL of its maintenance database; LookupError where there is no PostgreSQL."""
    given = os.environ.get("TRACKER_TEST_POSTGRES", "")
    if given:
        yield given.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    if not there():
        raise LookupError(ABSENT)
    # Not below pytest's own folder: the server runs as another user, who may not look into it.
    folder = Path(tempfile.mkdtemp(prefix="tracker-pg-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        _run("initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        with _serving(folder):
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh(server_url: str, template: str = "template1") -> Iterator[str]:
    """Give the URL of a database that nobody else has, empty or a copy of another one on this server; gone afterwards."""
    name, host = f"test_{uuid.uuid4().hex}", create_engine(server_url, isolation_level="AUTOCOMMIT")
    with host.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with host.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        host.dispose()


@contextmanager
def _serving(folder: Path) -> Iterator[None]:
    # SIGINT to the server is its fast shutdown; it also gets one when the tests are killed, so that none is left behind.
    options: list[str | Path] = ["-c", "listen_addresses=", "-c", "fsync=off", "-k", folder]
    command: list[str | Path] = ["setpriv", "--pdeathsig", "INT", *_as_whom(), BINARIES / "postgres", "-D", folder / "data", *options]
    process = subprocess.Popen(command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if subprocess.run([BINARIES / "pg_isready", "-q", "-h", folder], check=False).returncode == 0:
                break
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _as_whom() -> list[str]:
    # PostgreSQL refuses to run as root.
    return ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.geteuid() == 0 else []


def _run(program: str, *arguments: str | Path) -> None:
    command: list[str | Path] = ["setpriv", *_as_whom(), BINARIES / program, *arguments]
    done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stderr.strip()}")
