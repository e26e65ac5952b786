"""What the package says of itself: the manifest with the digest of every file, and how to use it on Windows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ...checking.assembling import FACTS, PAGE_NAME
from ...workbook.sheets import Cover

# FACTS of the cover are said again in the manifest, so that the check holds one against the other.
MANIFEST, SUMS, INDEX, HOW, CHECKER = "manifest.json", "SHA256SUMS.txt", "index.html", "说明.txt", "verify.py"
USE = """{title}（审计包）
{owner}
截止时点：{as_of}

一、看
1. 先把整个压缩包解压到一个文件夹（右键，“全部解压缩”），不要在压缩包里直接打开。
2. 打开 {index}：义务、任务与证据的索引，点文件名即打开证据。不需要联网。
3. 打开“{workbook}”：证据目录中的索引号链接到证据文件。

二、校验（两个程序分别写成，任用其一，也可以互相核对）
1. 不用 Python：双击 {page}（Chrome、Edge 或 Firefox），把没有解压的压缩包拖到页面上。不需要联网，文件不会离开这台电脑。
2. 用 Python 3.9 或更新的版本（python.org）：在解压后的文件夹的地址栏输入 cmd 并回车，再输入：
   py verify.py
   （macOS、Linux：python3 verify.py）
   也可以直接校验没有解压的压缩包：py verify.py 审计包.zip
3. 显示“校验通过”即全部相符；否则说明第一处不符在哪里。
4. 从别处得知了签名公钥的指纹的，加上 --fingerprint 指纹；收到过链头文件或以前的工作簿的，加上 --earlier 文件名。

三、只核对文件
{sums} 列有各文件的 SHA-256。macOS、Linux：sha256sum -c {sums}
Windows 逐个核对：certutil -hashfile 文件名 SHA256

四、能证明什么、不能证明什么
见工作簿的“校验”表。请把其中的链头，与以前收到的链头文件、工作簿，或系统中当场显示的链头核对。
"""

__all__ = ["CHECKER", "FACTS", "HOW", "INDEX", "MANIFEST", "PAGE_NAME", "SUMS", "how_to_use", "manifest", "sums"]
Known = Mapping[str, tuple[str, int]]


def how_to_use(cover: Cover, workbook: str) -> bytes:
    """Return 说明.txt as the editor of Windows reads it: UTF-8 with its mark, lines ended by CR LF."""
    text = USE.format(title=cover.title, owner=cover.owner, as_of=dict(cover.facts)["截止时点"], index=INDEX, workbook=workbook, sums=SUMS, page=PAGE_NAME)
    return text.replace("\n", "\r\n").encode("utf-8-sig")


def sums(files: Known) -> bytes:
    """Return the digests as sha256sum reads them."""
    return "".join(f"{sha256} *{path}\n" for path, (sha256, _size) in sorted(files.items())).encode()


def manifest(cover: Cover, workbook: str, files: Known) -> bytes:
    """Return the manifest: what was exported, and every file but itself with digest and size, in order of the paths."""
    facts = dict(cover.facts)
    listed: Sequence[dict[str, Any]] = [{"path": path, "sha256": sha256, "size": size} for path, (sha256, size) in sorted(files.items())]
    content = {"version": 1, **{key: facts[label] for key, label in FACTS.items()}, "workbook": workbook, "files": listed}
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
