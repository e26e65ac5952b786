"""Put the page of the second offline check together: one file with everything in it, that can send nothing anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path

from ..audit.names import ACTIONS, FIELDS, REFERRING
from ..words import (
    Cadence,
    ExportKind,
    HoldKind,
    Keeping,
    ListKind,
    RetentionAct,
    Role,
    ScopeState,
    Severity,
    TaskState,
    Via,
    Word,
)

PAGE_NAME = "校验.html"
# Which facts of 校验 the manifest of a package says again.
FACTS = {"entity": "主体", "as_of": "截止时点", "filter": "筛选条件", "edition": "义务清单版本", "exporter": "导出人"}
_HERE = Path(__file__).parent


def labels(*kinds: type[Word]) -> dict[str, str]:
    """Return the labels of these kinds of words by their codes."""
    return {str(word): word.label for kind in kinds for word in kind}


def tables() -> dict[str, object]:
    """Return what codes are called where they are shown, as the script reads it."""
    codes = {
        "state": labels(TaskState, ScopeState), "cadence": labels(Cadence), "review_every": labels(Cadence), "risk_level": labels(Severity),
        "list": labels(ListKind), "export_kind": labels(ExportKind), "roles": labels(Role),
        "hold": labels(HoldKind), "act": labels(RetentionAct), "retention": labels(Keeping),
    }
    return {"VIA": labels(Via), "ACTIONS": ACTIONS, "FIELDS": FIELDS, "CODES": codes, "REFERRING": sorted(REFERRING | {"parent_id"}), "FACTS": FACTS}


def _script() -> str:
    # In a script element `</` could end it.
    data = json.dumps(tables(), ensure_ascii=False, indent=1).replace("</", "<\\/")
    sources = [path.read_text(encoding="utf-8") for path in sorted((_HERE / "script").glob("*.js"))]
    return "\n".join(['\n"use strict";', f"const TABLES = {data};", *sources])


def _allowed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def checking_page() -> bytes:
    """Return the page; only its own script and style may run, and no address may be reached from it."""
    style, script = "\n" + (_HERE / "page.css").read_text(encoding="utf-8"), _script()
    policy = f"default-src 'none'; connect-src 'none'; script-src {_allowed(script)}; style-src {_allowed(style)}; form-action 'none'; base-uri 'none'"
    page = (_HERE / "page.html").read_text(encoding="utf-8")
    for name, text in (("policy", policy), ("style", style), ("script", script)):
        before, _mark, after = page.partition("{" + name + "}")
        page = before + text + after
    return page.encode()
