"""A bar on the terminal for what takes long; where the output goes into a file, nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from ..progress import Told, silent

WIDTH = 30


@contextmanager
def bar(label: str) -> Iterator[Told]:
    """Give whom to tell how far it is; the line is cleared away in the end."""
    if not sys.stderr.isatty():
        yield silent
        return
    shown: list[int] = []

    def told(done: int, total: int) -> None:
        part = done * 100 // total if total else 100
        if shown[-1:] == [part]:
            return
        shown[:] = [part]
        filled = part * WIDTH // 100
        click.echo(f"\r{label} [{'#' * filled}{'.' * (WIDTH - filled)}] {part:3}%", nl=False, err=True)

    try:
        yield told
    finally:
        if shown:
            click.echo("\r" + " " * (WIDTH + 2 * len(label) + 12) + "\r", nl=False, err=True)
