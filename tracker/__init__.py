"""合规义务台账: a compliance obligation tracker for listed companies and securities intermediaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from .config import Config


def create_app(config: Config | None = None) -> Flask:
    """Build the application; the import sits inside so that `import tracker` stays light."""
    from .app import create_app as build  # noqa: PLC0415

    return build(config)
