"""The files that are handed in on the journey, with the names that people give to files."""

from __future__ import annotations

from pathlib import Path

from tests.evidence.samples import pdf, picture

OPINION = "适当性匹配意见（2026年第三季度）.pdf"
RECEIPT = "客户 签收记录 #1.png"
MINUTES = "合规会议纪要.txt"
REVIEW = "检查底稿“补充”.png"


def papers(folder: Path) -> dict[str, Path]:
    """Write the files into a folder; returns their paths by name."""
    contents = {
        OPINION: pdf(2), RECEIPT: picture("PNG", (640, 360)), MINUTES: "会议纪要\n本期抽查二十笔，未发现异常。\n".encode(), REVIEW: picture("PNG", (360, 640)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in contents}
