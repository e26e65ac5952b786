"""The one place where the web door turns errors into pages, or into JSON for our own scripts."""

from __future__ import annotations

import errno
import logging
import secrets
from collections.abc import Sequence
from typing import NamedTuple

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import BadHost, HTTPException, SecurityError

from ..config import MEGABYTE
from ..db import FAILED, understood
from ..errors import (
    BadInput,
    Damaged,
    DiskTrouble,
    Forbidden,
    NoSpace,
    NotFound,
    Place,
    Problem,
    RuleBroken,
    Stale,
    Throttled,
    TooLarge,
)
from ..evidence.store import FULL
from . import doors
from .addresses import own_path

log = logging.getLogger(__name__)


class Told(NamedTuple):
    """What an error page says."""

    status: int
    title: str
    sentence: str
    places: Sequence[Place] = ()
    theirs: dict[str, str] | None = None


def answer_errors(app: Flask) -> None:
    """Register the answers to every error."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _crash)


def _title(problem: Problem) -> str:
    titles: list[tuple[type[Problem], str]] = [
        (doors.SignedOut, _("请重新登录")), (NotFound, _("没有找到")), (Forbidden, _("您不能这样做")),
        (Stale, _("内容已被他人修改")), (RuleBroken, _("现在还不能这样做")), (TooLarge, _("内容太大")),
        (Throttled, _("请稍候再试")), (BadInput, _("请核对后重试")), (Damaged, _("文件已损坏")),
    ]
    return next((title for kind, title in titles if isinstance(problem, kind)), _("没有完成"))


def _problem(problem: Problem) -> Response:
    answer = _page(Told(
        problem.status, _title(problem), problem.sentence, getattr(problem, "problems", ()), getattr(problem, "theirs", None),
    ))
    if isinstance(problem, Throttled):
        answer.headers["Retry-After"] = str(problem.seconds)
    return answer


def _forged(_error: CSRFError) -> Response:
    return _page(Told(400, _("页面已过期"), _("这个页面打开得太久，或登录状态已改变，您刚才的操作没有保存。请返回上一页，刷新后重新提交。")))


def _http(error: HTTPException) -> Response:
    if isinstance(error, (BadHost, SecurityError)):
        # Without a host no address can be made, so no page either.
        return make_response(f"{_('浏览器要访问的主机名不对。请核对地址栏中的地址。')}\n", 400, {"Content-Type": "text/plain; charset=utf-8"})
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    limit = (request.max_content_length or 0) // MEGABYTE
    known = {
        400: (_("请求有误"), _("浏览器发来的内容不完整。请返回上一页，刷新后再试。")),
        404: (_("没有找到"), NotFound().sentence),
        405: (_("不能这样打开"), _("这个地址只用于提交表单。请从页面上的按钮进入。")),
        413: (_("内容太大"), _("一次提交的内容超过了 %(n)s MB 的上限，没有保存。请分几次提交。", n=limit)),
    }
    title, sentence = known.get(status, (_("没有完成"), _("系统不能处理这个请求。请返回上一页再试。")))
    answer = _page(Told(status, title, sentence))
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _failing(error: Exception) -> Problem | None:
    if isinstance(error, DBAPIError):
        return understood(error)
    if isinstance(error, OSError) and error.errno in FULL:
        return NoSpace(_("服务器的存储空间不足，您刚才的操作没有保存。请联系系统管理员清理磁盘后再试。"))
    if isinstance(error, OSError) and error.errno == errno.EIO:
        return DiskTrouble(FAILED)
    return None


def _crash(error: Exception) -> Response:
    known = _failing(error)
    number = secrets.token_hex(4)
    log.error("%s error %s at %s %s", "foreseen" if known else "unexpected", number, request.method, request.path, exc_info=error)
    # The frame reads the database, which may be what failed: this page stands alone.
    g.frameless = True
    if g.get("saved"):
        sentence = _("您刚才的操作已经保存，但随后的一步出了问题。请刷新页面查看；如果再次出现，请把编号 %(number)s 告诉系统管理员。", number=number)
        return _page(Told(known.status if known else 500, _("已经保存，但页面没有显示出来"), sentence))
    if known:
        return _problem(known)
    sentence = _("系统出了意外的问题，您刚才的操作没有保存。请稍候再试；如果再次出现，请把编号 %(number)s 告诉系统管理员。", number=number)
    return _page(Told(500, _("系统出错"), sentence))


def _page(told: Told) -> Response:
    try:
        return _drawn(told)
    except DBAPIError:
        # What the frame would show cannot be read either.
        g.frameless = True
        return _drawn(told)


def _drawn(told: Told) -> Response:
    if doors.wants_json():
        places = [{"where": place.where, "sentence": place.sentence} for place in told.places]
        return make_response(jsonify(message=told.sentence, problems=places), told.status)
    came_from = own_path((request.referrer or "").removeprefix(request.host_url.rstrip("/")))
    framed = not g.get("frameless") and doors.signed_in() is not None
    page = render_template(
        "errors/problem.html", layout="base.html" if framed else "bare.html", page_title=told.title, told=told,
        back=came_from if came_from != request.full_path.rstrip("?") else "",
    )
    return make_response(page, told.status)
