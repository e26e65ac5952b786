"""What the journey's chapters share: the service, who has come so far, and the words that come up again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.browser.driving import Window
from tests.browser.serving import Service

GROUP, FIRM = "海川控股", "海川证券"
PASSWORD = "山风 海雨 青灯 白纸"
PEOPLE = {
    "林合规": ("lin", "合规法律部", "合规总监", "合规管理"), "王责任": ("wang", "财富管理部", "部门负责人", "责任人"),
    "赵复核": ("zhao", "合规法律部", "合规复核岗", "复核人"), "钱审计": ("qian", "稽核审计部", "内审经理", "审计"),
}
REASON = "本公司未取得该项业务资格，不从事该项业务。"
NOTE = "本期共核对新开户客户 1,204 名，匹配意见齐全，抽查二十笔未发现异常。"
SENT_BACK = "缺少客户签收记录的复核底稿，请补充后重新提交。"


@dataclass
class Journey:
    """The service, the windows of those who have come so far, and what they have learned on the way."""

    service: Service
    open_window: Callable[[str, str], Window]
    files: dict[str, Path]
    windows: dict[str, Window] = field(default_factory=dict)
    task: str = ""
    title: str = ""
    workbook: Path = Path()

    def __getitem__(self, name: str) -> Window:
        """Return the window of one of the people, opened when he first comes."""
        if name not in self.windows:
            self.windows[name] = self.open_window(self.service.address, name)
        return self.windows[name]


def rows_told(someone: Window) -> int:
    """Return the number of rows that the head of a list tells."""
    found = re.search(r"([\d,]+) (?:项|份|条)", someone.page.locator(".head .count").inner_text())
    assert found, "the head of the list tells no number"
    return int(found.group(1).replace(",", ""))
