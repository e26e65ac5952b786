"""retention list, hold, lift, request: what the operator may do, and that he is nobody's second person."""

from __future__ import annotations

from datetime import date

from tests.cli.conftest import Terminal
from tests.work import Company
from tracker.db import EVERY_ENTITY
from tracker.people.access import operator
from tracker.retention.keeping import classify


def test_the_operator_asks_and_holds_but_never_destroys_early_and_lifts_nothing_of_his_own(terminal: Terminal, company: Company) -> None:
    piece, host = company.evidence(), operator("操作员")
    reasons = ("--reason", "期满", "--basis", "《证券法》第137条")
    assert "期限至 2046-11-22" in terminal.refused("retention", "request", "destroy", f"evidence:{piece}", *reasons, status=1)
    with company.database.writing(EVERY_ENTITY) as s:
        classify(s, host, piece, "service_papers", date(2010, 1, 1), "委托早已结束")
    assert "第 1 号申请已提出" in terminal.said("retention", "request", "destroy", f"evidence:{piece}", *reasons)
    assert "第 1 号法律保全已设置" in terminal.said("retention", "hold", "entity", "--entity", "海川证券", "--reason", "检查")
    listed = terminal.said("retention", "list")
    assert "申请 1\t销毁到期证据\t检查记录.txt（第 1 版）\t" in listed and "保全 1\t整个主体\t海川证券\t" in listed and "保存期限至 2020-01-01" in listed
    assert "不能由设置的人自己解除" in terminal.refused("retention", "lift", "1", "--reason", "结案", status=1)
    assert "不是有效的对象" in terminal.refused("retention", "request", "redact_person", "evidence:1", *reasons)
    assert "没有编号、登录名或姓名是“甲”的人员" in terminal.refused("retention", "hold", "person", "--what", "甲", "--reason", "检查")
    assert "第 2 号法律保全已设置" in terminal.said("retention", "hold", "person", "--what", "王责任", "--reason", "检查")
    assert "保全 2\t一名人员\t王责任\t" in terminal.said("retention", "list")
