"""Browsers without a screen that speak real HTTP to real servers, and know of each write whether it was acknowledged."""

from __future__ import annotations

import http.client
import random
import re
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Literal

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from tracker.db import UNSURE

FORM = re.compile(r"<form\b([^>]*)>.*?</form>", re.DOTALL)
HIDDEN = re.compile(r"<input\b[^>]*>")
PART = re.compile(r'\b(type|name|value)="([^"]*)"')
PATIENCE = 30.0
SAVED = "您刚才的操作已经保存，但随后的一步出了问题"

State = Literal["sent", "acknowledged", "refused", "lost"]


class Lost(Exception):
    """No answer came."""


@dataclass
class Write:
    """One write that was sent: what it is, the mark it leaves, and what is known of it."""

    kind: str
    mark: str
    state: State = "sent"
    place: str = ""


@dataclass(frozen=True)
class Page:
    """An answer: status, where it leads, its bytes."""

    status: int
    place: str
    data: bytes

    def form(self, ending: str) -> dict[str, str] | None:
        """Return the hidden fields, CSRF token among them, of the form with an address that ends so, or of one without an address."""
        for found in FORM.finditer(self.data.decode()):
            if 'method="post"' in found.group(1) and (re.search(f'{ending}["?]', found.group()) if ending else "action=" not in found.group(1)):
                inputs = [dict(PART.findall(one)) for one in HIDDEN.findall(found.group())]
                return {one["name"]: unescape(one.get("value", "")) for one in inputs if one.get("type") == "hidden"}
        return None


@dataclass
class Visitor:
    """Somebody of the cast at a browser; each request goes to one of the servers by chance, the status of each answer is counted."""

    ports: list[int]
    cookie: str
    chance: random.Random = field(default_factory=random.Random)
    answers: Counter[int] = field(default_factory=Counter)

    def get(self, address: str) -> Page:
        """Open a page."""
        return self._ask("GET", address)

    def post(self, write: Write, address: str, fields: Mapping[str, str], file: tuple[str, str, bytes] | None = None) -> Page:
        """Send a form and note what came of it: a redirection acknowledges it, or a page that says so; any other answer refuses it, unless it says that nobody can know."""
        edge = secrets.token_hex(16)
        parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
        if file:
            parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="{file[0]}"; filename="{file[1]}"\r\n\r\n'.encode() + file[2] + b"\r\n")
        try:
            answer = self._ask("POST", address, b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}")
        except Lost:
            write.state = "lost"
            raise
        said = answer.data.decode(errors="replace")
        known: State = "lost" if UNSURE in said else "refused"
        write.state, write.place = ("acknowledged" if answer.status == 303 or SAVED in said else known), answer.place
        return answer

    def _ask(self, method: str, address: str, body: bytes | None = None, kind: str = "") -> Page:
        line = http.client.HTTPConnection("127.0.0.1", self.chance.choice(self.ports), timeout=PATIENCE)
        try:
            line.request(method, address, body, {"Cookie": self.cookie} | ({"Content-Type": kind} if kind else {}))
            answer = line.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as gone:
            raise Lost from gone
        finally:
            line.close()
        self.answers[answer.status] += 1
        self.cookie = (answer.headers["Set-Cookie"] or self.cookie).partition(";")[0]
        return Page(answer.status, answer.headers["Location"] or "", data)


def cookie(key: bytes, token: str) -> str:
    """Return the cookie of a session, as the application signs it."""
    app = Flask(__name__)
    app.secret_key = key
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer
    return f"tracker={signer.dumps({'_user_id': token})}"
