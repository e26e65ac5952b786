"""Pure rule of what may be kept as evidence: file names, accepted kinds, and whether the content agrees with the name."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import NoReturn

import filetype

from ..errors import BadInput, Place
from ..filenames import last_part, unseen
from ..words import Word

LONGEST_NAME, LONGEST_NOTE = 200, 2000
HEAD = 8192
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)
FIELD = "file"
ZIP_MAGIC, OLE_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Kind(Word):
    """What kind of file a piece of evidence is."""

    PDF = "pdf", "PDF 文档"
    PNG = "png", "PNG 图片"
    JPG = "jpg", "JPG 图片"
    GIF = "gif", "GIF 图片"
    WEBP = "webp", "WebP 图片"
    TIF = "tif", "TIFF 图片"
    BMP = "bmp", "BMP 图片"
    DOCX = "docx", "Word 文档"
    XLSX = "xlsx", "Excel 工作簿"
    PPTX = "pptx", "PowerPoint 演示文稿"
    DOC = "doc", "Word 97–2003 文档"
    XLS = "xls", "Excel 97–2003 工作簿"
    PPT = "ppt", "PowerPoint 97–2003 演示文稿"
    OFD = "ofd", "OFD 版式文件"
    TXT = "txt", "文本文件"
    CSV = "csv", "CSV 表格"
    MD = "md", "Markdown 文本"
    EML = "eml", "电子邮件"
    MSG = "msg", "Outlook 邮件"
    ZIP = "zip", "ZIP 压缩包"
    MP3 = "mp3", "MP3 录音"
    WAV = "wav", "WAV 录音"
    MP4 = "mp4", "MP4 视频"


OTHER_SPELLINGS = {"jpeg": Kind.JPG, "tiff": Kind.TIF}
TEXTS = frozenset({Kind.TXT, Kind.CSV, Kind.MD})
IMAGES = frozenset({Kind.PNG, Kind.JPG, Kind.GIF, Kind.WEBP, Kind.TIF, Kind.BMP})
PREVIEWABLE = IMAGES | {Kind.PDF}
# What must stand inside a ZIP (a member's name begins so) or an OLE file (a stream is called so).
IN_ZIP = {Kind.DOCX: "word/", Kind.XLSX: "xl/", Kind.PPTX: "ppt/", Kind.OFD: "ofd.xml", Kind.ZIP: ""}
IN_OLE = {
    Kind.DOC: {"WordDocument"}, Kind.XLS: {"Workbook", "Book"}, Kind.PPT: {"PowerPoint Document"},
    Kind.MSG: {"__properties_version1.0"},
}
MACRO_NAMES = {"docm": "docx", "dotm": "docx", "xlsm": "xlsx", "xltm": "xlsx", "xlsb": "xlsx", "xlam": "xlsx", "pptm": "pptx", "ppsm": "pptx"}
MACRO_MEMBERS, MACRO_STREAMS = ("vbaproject.bin", "/macrosheets/"), {"_VBA_PROJECT", "_VBA_PROJECT_CUR"}
PROGRAMS = frozenset({
    "exe", "dll", "com", "scr", "pif", "msi", "msp", "bat", "cmd", "ps1", "psm1", "vbs", "vbe", "js", "jse", "wsf", "wsh",
    "hta", "jar", "lnk", "reg", "cpl", "sys", "sh", "app", "apk", "dmg", "iso",
})
ACCEPTED = (
    "PDF、OFD、Word（docx、doc）、Excel（xlsx、xls）、PowerPoint（pptx、ppt）、图片（png、jpg、gif、webp、tif、bmp）、"
    "文本（txt、csv、md）、邮件（eml、msg）、录音录像（mp3、wav、mp4）和 ZIP 压缩包"
)
MAIL_HEADER = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:>?From [^\r\n]*\r?\n)?[A-Za-z][!-9;-~]*:[ \t\r\n]")


def refuse(sentence: str) -> NoReturn:
    """Raise BadInput at the file field."""
    raise BadInput.at(FIELD, sentence)


def name_checked(original: str) -> str:
    """Return the file name exactly as people wrote it, without folders, or raise BadInput."""
    hidden = next((at for at, character in enumerate(original, start=1) if unseen(character)), 0)
    if hidden:
        refuse(f"文件名的第 {hidden} 个字符是看不见的控制字符。请给文件改名后重新上传。")
    name = last_part(original).strip()
    if not name.strip("."):
        refuse("文件没有名称。请给文件命名后重新上传。")
    if len(name) > LONGEST_NAME:
        refuse(f"文件名“{name[:20]}…”有 {len(name)} 个字符，最多 {LONGEST_NAME} 个。请缩短文件名后重新上传。")
    if name.endswith("."):
        refuse(f"文件名“{name}”以句点结尾，无法看出文件类型。请补上扩展名后重新上传。")
    return name


def note_checked(note: str) -> str:
    """Return the note with its outer blanks cut, or raise BadInput when a workbook could not hold it."""
    text = note.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_NOTE:
        raise BadInput.at("note", f"说明有 {len(text)} 个字符，最多 {LONGEST_NOTE} 个。请缩短说明。")
    if any(unseen(character) and character not in "\n\t\u200c\u200d" for character in text):
        raise BadInput.at("note", "说明中有看不见的控制字符（多半是粘贴带入的）。请删去后重新保存。")
    return text


def date_faults(start: date | None, end: date | None, obtained: date | None, today: date, valid: date | None = None) -> list[Place]:
    """Name every date of a piece of evidence that cannot be."""
    problems = [
        Place(where, f"{label} {day} 不像是真实的日期，请核对年份。")
        for where, label, day in (("period_from", "所属期间的开始日", start), ("period_to", "所属期间的结束日", end), ("obtained_on", "取得日", obtained),
                                ("valid_until", "有效期的最后一日", valid))
        if day is not None and not EARLIEST <= day <= LATEST
    ]
    if (start is None) != (end is None):
        missing, label = ("period_from", "开始日") if start is None else ("period_to", "结束日")
        problems.append(Place(missing, f"请填写所属期间的{label}，或将开始日和结束日都留空。"))
    if start and end and start > end:
        problems.append(Place("period_to", f"所属期间的结束日 {end} 早于开始日 {start}，请核对。"))
    if obtained and obtained > today:
        problems.append(Place("obtained_on", f"取得日 {obtained} 在今天之后。请填写实际取得证据的日期。"))
    if valid and obtained and valid < obtained:
        problems.append(Place("valid_until", f"有效期至 {valid} 早于取得日 {obtained}，请核对。"))
    return problems


def kind_of_name(name: str) -> Kind:
    """Return the kind that the extension promises, or raise BadInput saying what is accepted."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension in MACRO_NAMES:
        _refuse_macros(name, MACRO_NAMES[extension])
    if extension in OTHER_SPELLINGS:
        return OTHER_SPELLINGS[extension]
    if extension not in {str(kind) for kind in Kind}:
        what = f"的类型 .{extension} 不能" if extension else "没有扩展名，不能"
        refuse(f"文件“{name}”{what}作为证据上传。可以上传：{ACCEPTED}。")
    return Kind(extension)


def _refuse_macros(name: str, extension: str) -> NoReturn:
    refuse(f"文件“{name}”含有宏，不能作为证据上传。请另存为不含宏的 .{extension} 文件，或导出为 PDF 后上传。")


def check_head(kind: Kind, name: str, head: bytes) -> None:
    """Raise BadInput when the first bytes (up to `HEAD`) do not begin a file of this kind."""
    if kind in {Kind.DOCX, Kind.XLSX, Kind.PPTX} and head.startswith(OLE_MAGIC):
        refuse(f"文件“{name}”设有打开密码，或其实是旧版格式，复核人无法核对。请取消密码并重新保存为 .{kind} 后上传。")
    if not _begins(kind, head):
        refuse(f"文件“{name}”的内容与扩展名不符：扩展名说是{kind.label}，内容{_looks_like(head)}。请用原来的程序打开，另存后重新上传。")


def _begins(kind: Kind, head: bytes) -> bool:
    if kind in IN_ZIP:
        return head.startswith(ZIP_MAGIC)
    if kind in IN_OLE:
        return head.startswith(OLE_MAGIC)
    if kind is Kind.EML:
        return MAIL_HEADER.match(head) is not None
    if kind is Kind.MP4:
        return head[4:8] == b"ftyp"
    if kind in TEXTS:
        # Every byte of a text is looked at while it streams by; here only what surely is something else.
        return not head.startswith((ZIP_MAGIC, OLE_MAGIC, b"%PDF-", b"MZ\x90", b"\x7fELF"))
    return _guessed(head) == str(kind)


def _guessed(head: bytes) -> str:
    guessed = filetype.guess_extension(head)
    return "png" if guessed == "apng" else str(guessed or "")


def _looks_like(head: bytes) -> str:
    if head.startswith((b"MZ", b"\x7fELF")):
        return "却是可执行程序"
    if head.lstrip()[:1] == b"<" and b"\x00" not in head:
        return "却是网页或 XML 文本"
    guessed = _guessed(head)
    known = next((kind for kind in Kind if str(kind) == guessed), None)
    if known:
        return f"却像是{known.label}"
    return f"却像是 .{guessed} 文件" if guessed else "并非如此"


def check_zip(kind: Kind, name: str, members: Collection[str]) -> None:
    """Raise BadInput when the members of a ZIP are not those of this kind, or bring macros or programs along."""
    lowered = [member.replace("\\", "/").lower() for member in members]
    if not lowered:
        refuse(f"压缩包“{name}”里没有任何文件。请检查后重新上传。")
    if kind is Kind.ZIP:
        for member in lowered:
            if member.rpartition(".")[2] in PROGRAMS:
                refuse(f"压缩包“{name}”中的“{member.rpartition('/')[2]}”是可执行程序，不能作为证据上传。请删去后重新压缩。")
        return
    if any(mark in f"/{member}" for member in lowered for mark in MACRO_MEMBERS):
        _refuse_macros(name, str(kind))
    complete = kind is Kind.OFD or "[content_types].xml" in lowered
    if not complete or not any(member.startswith(IN_ZIP[kind]) for member in lowered):
        refuse(f"文件“{name}”的内容不是{kind.label}，只是扩展名相同。请用原来的程序打开，另存后重新上传。")


def check_ole(kind: Kind, name: str, streams: Collection[str]) -> None:
    """Raise BadInput when the streams of an OLE file are not those of this kind, or hold macros."""
    if kind is not Kind.MSG and MACRO_STREAMS.intersection(streams):
        _refuse_macros(name, f"{kind}x")
    if not IN_OLE[kind].intersection(streams):
        refuse(f"文件“{name}”的内容不是{kind.label}，只是扩展名相同。请用原来的程序打开，另存后重新上传。")
