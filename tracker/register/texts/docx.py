"""The text of a DOCX as Word shows it: paragraphs in order, tables and text boxes included, without what was deleted."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO

from ... import archive
from ...archive import Damaged, Oversized
from ...errors import BadInput
from .bounds import OFFER
from .wordml import Hostile, Links, Numbered, Shown, parsed

MOST_MEMBERS, MOST_DIRECTORY = 4096, 1024 * 1024
MOST_BODY, MOST_STYLES, MOST_LINKS = 32 * 1024 * 1024, 8 * 1024 * 1024, 256 * 1024
_NOTE = "有的段落使用了自动编号，编号不是文字的一部分，没有读入；如果条款的序号因此缺失，请在 Word 中把自动编号转换为普通文字后重新读取。"
_LINKS = "_rels/.rels"
_OTHERS = (
    ("xl/", "这是 Excel 工作簿"), ("ppt/", "这是 PowerPoint 演示文稿"), ("ofd.xml", "这是 OFD 版式文件"),
    ("content.xml", "这是 OpenDocument 文档（.odt 等）"),
)


class Package:
    """The parts of a document by their names, each read with a bound."""

    def __init__(self, data: bytes) -> None:
        """Raise Damaged, struct.error or Oversized when the directory cannot be trusted."""
        self._file = BytesIO(data)
        found = archive.members(self._file, MOST_DIRECTORY)
        if len(found) > MOST_MEMBERS:
            raise Oversized
        self.parts = {member.name: member for member in found}
        # Two parts of one name: different programs would show different texts.
        if len(self.parts) < len(found):
            raise Damaged

    def read(self, name: str, most: int) -> Iterator[bytes]:
        """Yield a part piece by piece; raises Damaged, struct.error, or Oversized past `most` bytes."""
        part = self.parts[name]
        if part.encrypted:
            raise BadInput(f"这份文档是加密的，无法读取。请取消密码后重新保存。{OFFER}")
        return archive.inflated(self._file, part, most)


def docx_text(data: bytes) -> tuple[str, str]:
    """Return the text of a DOCX, one paragraph per line, and a note when it has automatic numbers; or raise BadInput."""
    try:
        return _read(Package(data))
    except (Damaged, struct.error):
        raise BadInput(f"文件已损坏或不完整，无法打开。请用 Word 或 WPS 打开原文件，另存后重试。{OFFER}") from None
    except (Oversized, Hostile):
        raise BadInput(f"文件展开后过大，或写法异常，不像一份公文。请用 Word 或 WPS 打开原文件，另存后重试。{OFFER}") from None


def _read(package: Package) -> tuple[str, str]:
    main = _main_part(package)
    shown = Shown()
    parsed(package.read(main, MOST_BODY), shown)
    if not shown.is_document:
        raise BadInput(f"这不是 Word 文档。{OFFER}")
    numbered = shown.numbered or bool(shown.styles & _numbered_styles(package, main))
    return "\n".join(shown.lines), _NOTE if numbered else ""


def _main_part(package: Package) -> str:
    lowered = [name.lower() for name in package.parts]
    if not any(name.startswith("word/") for name in lowered):
        for start, what in _OTHERS:
            if any(name.startswith(start) for name in lowered):
                raise BadInput(f"{what}，无法读取。{OFFER}")
    links = Links()
    if _LINKS in package.parts:
        parsed(package.read(_LINKS, MOST_LINKS), links)
    if links.main not in package.parts:
        raise BadInput(f"这是压缩包，不是 Word 文档，无法读取。{OFFER}")
    return links.main


def _numbered_styles(package: Package, main: str) -> set[str]:
    styles = main.rpartition("/")[0] + "/styles.xml"
    if styles not in package.parts:
        return set()
    found = Numbered()
    parsed(package.read(styles, MOST_STYLES), found)
    return found.styles()
