"""A signed workbook as an outsider checks it: by the fingerprint he knows, against what he got earlier, and every change found."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.heads.conftest import Desk
from tests.reports.parcel import changed_book, older, verified
from tracker import asof, clock
from tracker.assignments.queries import TaskFilter
from tracker.audit.heads import queries
from tracker.db import EVERY_ENTITY
from tracker.people.actions import grant_roles
from tracker.reports.actions import export_store, write
from tracker.words import Role

__all__ = ["verified"]
Verified = Callable[..., tuple[int, str]]


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Change the key once and sign, so that a workbook shows both kinds."""
    desk.key("rotate_key")
    desk.signer.sign_all()
    desk.clock.shift(60)
    return desk


def book(desk: Desk, path: Path, moment: object = None) -> Path:
    """Export, signed."""
    officer, store = desk.world.officer, export_store(path.with_name("exports"))
    with asof.looking(desk.database, officer.entities, moment) as s:  # type: ignore[arg-type]
        written = write(s, officer, [desk.world.ours], TaskFilter(), store, signer=desk.signer)
    path.write_bytes(store.path(written.stored.sha256).read_bytes())
    return path


def heads_file(desk: Desk, folder: Path, number: int = 1) -> Path:
    """Write the file of heads of a registry."""
    with desk.database.reading(EVERY_ENTITY) as s:
        name, text = queries.heads_file(s, number)
    (folder / name).write_text(text, encoding="ascii", newline="\n")
    return folder / name


def prints(desk: Desk) -> list[str]:
    """List the fingerprints, oldest first."""
    with desk.database.reading(EVERY_ENTITY) as s:
        return [key.fingerprint for key in queries.keys(s)]


def parts(path: Path) -> dict[str, bytes]:
    """Return the parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def page_of_proof(path: Path) -> tuple[str, list[str]]:
    """Return which part 校验 is, and every text on it."""
    name, text = next((name, data.decode()) for name, data in parts(path).items() if name.startswith("xl/worksheets/") and "链头校验值" in data.decode() and "怎样校验" in data.decode())
    return name, re.findall(r"<t[^>]*>([^<]*)</t>", text)


def changed(path: Path, change: Callable[[str], str]) -> Path:
    """Write the workbook anew with another text on 校验."""
    place, out = page_of_proof(path)[0], path.with_name("changed.xlsx")
    with zipfile.ZipFile(out, "w") as target:
        for name, data in parts(path).items():
            target.writestr(name, change(data.decode()).encode() if name == place else data)
    return out


def test_a_signed_workbook_passes_by_either_fingerprint_and_by_no_other(desk: Desk, tmp_path: Path, verified: Verified) -> None:
    path = book(desk, tmp_path / "a.xlsx")
    for given in ((), ("--fingerprint", prints(desk)[1]), ("--fingerprint", prints(desk)[0][:32].upper()), ("--fingerprint", " ".join(re.findall("..", prints(desk)[1])))):
        status, said = verified(path, *given)
        assert status == 0 and "由指纹" in said, said
    assert "--fingerprint" in verified(path)[1]
    for wrong, sentence in (("0" * 64, "没有指纹为"), (prints(desk)[0][:31], "至少前 32 位"), ("x" * 40, "至少前 32 位")):
        status, said = verified(path, "--fingerprint", wrong)
        assert status == 1 and sentence in said and "Traceback" not in said


def test_a_key_made_after_a_loss_is_not_bound_to_the_one_before(desk: Desk, tmp_path: Path, verified: Verified) -> None:
    before = prints(desk)
    desk.loses_key()
    desk.happens()
    goes_on(desk)
    path = book(desk, tmp_path / "a.xlsx")
    assert verified(path)[0] == verified(path, "--fingerprint", prints(desk)[2])[0] == 0
    status, said = verified(path, "--fingerprint", before[1])
    assert status == 1 and "没有由指纹" in said, said


def goes_on(desk: Desk) -> None:
    """Let something happen in our chain."""
    with desk.database.writing(EVERY_ENTITY) as s:
        grant_roles(s, desk.world.admin, desk.world.people["孙外人"], desk.world.ours, [Role.AUDITOR])


def test_the_same_moment_gives_the_same_bytes_signed_or_looked_back_at(desk: Desk, tmp_path: Path) -> None:
    moment = clock.now()
    first = book(desk, tmp_path / "a.xlsx").read_bytes()
    desk.clock.shift(3600)
    desk.key("rotate_key")
    desk.signer.sign_all()
    assert book(desk, tmp_path / "b.xlsx", moment).read_bytes() == first
    assert book(desk, tmp_path / "c.xlsx").read_bytes() != first


def test_what_was_got_earlier_is_continued_or_the_difference_named(desk: Desk, tmp_path: Path, verified: Verified) -> None:
    early = book(desk, tmp_path / "early.xlsx")
    file = heads_file(desk, tmp_path)
    goes_on(desk)
    late = book(desk, tmp_path / "late.xlsx")
    for earlier in (file, early, late):
        status, said = verified(late, "--earlier", earlier, "--fingerprint", prints(desk)[0])
        assert status == 0 and f"与 {earlier.name} 一致" in said, said
    status, said = verified(early, "--earlier", late)
    assert status == 1 and re.search(r"校验!E\d+：链“ent_1”有 [\d,]+ 条，而 late.xlsx 中已有", said), said
    status, said = verified(late, "--earlier", file, "--fingerprint", "0" * 64)
    assert status == 1
    text = file.read_text(encoding="ascii")
    system = next(line for line in text.splitlines() if line.startswith("ent_1 ")).split(" ")[2]
    for old, new, sentence in ((f" {system}\n", f" {'0' * 64}\n", "登记摘要"), (f"\n{system}\n", f"\n{'0' * 64}\n", "签名不对"), ("CA1 head\n", "CA2 head\n", "不属于链头文件"), ("\nchanged\n", "\nlost\n", "启用方式")):
        (tmp_path / "forged.txt").write_text(text.replace(old, new, 1), encoding="ascii")
        status, said = verified(late, "--earlier", tmp_path / "forged.txt")
        assert status == 1 and sentence in said and "Traceback" not in said, said


def test_digests_of_the_sheets_taken_away_are_missed_by_who_got_them_earlier(desk: Desk, tmp_path: Path, verified: Verified) -> None:
    early = book(desk, tmp_path / "early.xlsx")
    goes_on(desk)
    late, bare = book(desk, tmp_path / "late.xlsx"), tmp_path / "bare.xlsx"
    bare.write_bytes(changed_book(late.read_bytes(), older))
    assert verified(bare)[0] == 0, "a workbook of an earlier version is sound as far as it goes"
    status, said = verified(bare, "--earlier", early)
    assert status == 1 and "没有各工作表的校验值，而 early.xlsx 中有" in said, said
    # The other way round it is a workbook of an earlier version, and what came after it has more.
    before = tmp_path / "before.xlsx"
    before.write_bytes(changed_book(early.read_bytes(), older))
    assert verified(late, "--earlier", before)[0] == 0


def test_a_signature_taken_away_is_missed_by_who_knows_the_key(desk: Desk, tmp_path: Path, verified: Verified) -> None:
    unsigned = changed(book(desk, tmp_path / "a.xlsx"), _unsigned)
    status, said = verified(unsigned)
    assert status == 0 and "链头没有签名" in said
    status, said = verified(unsigned, "--fingerprint", prints(desk)[1])
    assert status == 1 and "没有由指纹" in said


def _unsigned(text: str) -> str:
    rows = re.findall(r"<row .*?</row>", text, re.DOTALL)
    signature = next(row for row in rows if ">链头签名<" in row)
    for row in rows:
        if ">签名时间<" in row or ">签名指纹<" in row:
            text = text.replace(row, "")
    value = re.findall(r"<t[^>]*>([^<]*)</t>", signature)[-1]
    return text.replace(signature, signature.replace(value, "未签名"))


def test_every_text_of_the_signatures_counts(desk: Desk, tmp_path: Path, verified: Verified) -> None:
    path = book(desk, tmp_path / "a.xlsx")
    texts = page_of_proof(path)[1]
    start, end = texts.index("签名密钥") + 1, texts.index("各工作表")
    checked = 0
    for label, value in _pairs(texts[start:end]):
        # Nothing of an outsider's proof hangs on these: the name of the owner, and since when a first key was in force.
        for old in {label} if label in {"所属主体", "启用时间"} else {label, value}:
            other = old[:-3] + ("A" if old[-3] != "A" else "B") + old[-2:] if len(old) > 4 else old[:-1] + "×"
            status, said = verified(changed(path, lambda text, old=old, other=other: text.replace(f">{old}<", f">{other}<", 1)))  # type: ignore[misc]
            assert status == 1 and "Traceback" not in said, (label, old, other, said)
            checked += 1
    assert checked > 30


def _pairs(texts: list[str]) -> list[tuple[str, str]]:
    texts = [text for text in texts if text != "操作留痕的链"]
    return list(zip(texts[::2], texts[1::2], strict=True))
