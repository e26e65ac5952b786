"""Security headers on every answer, and who may keep a copy of it."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, request

POLICY: Final = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'", "connect-src 'self'",
    "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'",
))
ALWAYS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: under HTTPS the CSRF check compares the referrer with our own address.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
KEPT_FOREVER: Final = "public, max-age=31536000, immutable"


def _cache_rule(answer: Response) -> str:
    if request.endpoint not in {"static", "icons"} or answer.status_code not in {200, 304}:
        return "no-store"
    return KEPT_FOREVER if "v" in request.args else "no-cache"


def protect(app: Flask, https: bool) -> None:
    """Put the headers on every answer, errors and files included."""

    def add(answer: Response) -> Response:
        answer.headers.update(ALWAYS)
        answer.headers["Cache-Control"] = _cache_rule(answer)
        if https:
            answer.headers["Strict-Transport-Security"] = "max-age=31536000"
        return answer

    app.after_request(add)
