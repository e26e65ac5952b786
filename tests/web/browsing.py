"""A browser for tests of pages, without a screen: it keeps the CSRF token of the page it has open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Browser:
    """A browser that follows no redirect by itself and sends the CSRF token of the page it has open."""

    client: FlaskClient
    token: str = ""

    def get(self, address: str, **more: Any) -> TestResponse:
        """Open a page and keep its CSRF token."""
        answer = self.client.get(address, buffered=True, **more)
        found = CSRF.search(answer.text) if answer.mimetype == "text/html" else None
        self.token = found.group(1) if found else self.token
        return answer

    def post(self, address: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form, with a CSRF token."""
        if not self.token:
            self.get("/sign-in")
            self.get("/account")
        return self.client.post(address, data={"csrf_token": self.token, **(data or {})}, **more)
