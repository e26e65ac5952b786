"""The offline check: sound files pass, whichever program saved them, and every tampering is found and named."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.checking.second import agreed, second
from tests.reports.parcel import (
    book_name,
    changed_book,
    laid_out,
    office_saved,
    parcel,
    part,
    unchanged,
    verified,
    zipped,
)
from tests.reports.story import story
from tests.reports.tampered import BOOKS
from tests.work import company, working_template
from tracker import verify
from tracker.audit import names
from tracker.reports.package import notes
from tracker.reports.proving import page as proof
from tracker.reports.proving import trail
from tracker.words import (
    Cadence,
    ExportKind,
    HoldKind,
    Keeping,
    ListKind,
    RetentionAct,
    Role,
    ScopeState,
    Severity,
    TaskState,
    Via,
)
from tracker.workbook import sums

__all__ = ["agreed", "company", "parcel", "part", "second", "story", "verified", "working_template"]

Verified = Callable[..., tuple[int, str]]
Agreed = Callable[..., None]
SCRIPT = Path(verify.__file__)
NO_OFFICE = "LibreOffice (soffice) is not installed, so the workbook cannot be saved with it"


def _labels(*words: Any) -> dict[str, str]:
    return {str(word): word.label for family in words for word in family}


def test_it_says_what_the_application_says() -> None:
    assert (_labels(Via), names.ACTIONS, names.FIELDS) == (verify.VIA, verify.ACTIONS, verify.FIELDS)
    cadence = _labels(Cadence)
    assert {
        "state": _labels(TaskState, ScopeState), "cadence": cadence, "review_every": cadence, "risk_level": _labels(Severity), "list": _labels(ListKind), "export_kind": _labels(ExportKind),
        "roles": _labels(Role), "hold": _labels(HoldKind), "act": _labels(RetentionAct), "retention": _labels(Keeping),
    } == verify.CODES
    assert names.REFERRING | {"parent_id"} == verify.REFERRING
    assert {word: code for code, word in proof.KINDS.items()} == verify.KINDS
    assert (verify.UNSIGNED, verify.ROWS) == (proof.UNSIGNED, proof.ROWS)
    assert (verify.SUM, verify.SUMS, proof.APART) == (sums.SUM, sums.SUMS, verify.APART)
    assert (verify.FACTS, verify.MANIFEST) == (notes.FACTS, notes.MANIFEST)
    assert (verify.PROOF, verify.LINKS) == (proof.PROOF, proof.LINKS)
    assert {column.heading for column in trail.LINKS} == {"链", "序号", "内容校验值", "本条校验值"}


def test_it_stands_alone_and_can_be_read_in_one_sitting() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 9))
    imported = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names
    assert len(source.splitlines()) <= 700


def test_it_runs_with_nothing_but_python(parcel: dict[str, bytes], tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "解压", parcel)
    done = subprocess.run([sys.executable, "-I", "-S", folder / "verify.py"], capture_output=True, timeout=120, env={"PYTHONUTF8": "1"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert "校验通过" in done.stdout.decode()


def test_sound_workbooks_and_packages_pass(parcel: dict[str, bytes], part: bytes, tmp_path: Path, verified: Verified) -> None:
    folder = laid_out(tmp_path / "包", parcel)
    (tmp_path / "部分.xlsx").write_bytes(part)
    status, said = verified(folder / book_name(parcel))
    assert status == 0 and "证据文件未核对" in said
    head = re.search(r"链 ent_\d+：\d+ 条，链头 ([0-9a-f]{64})", said)
    assert head and head.group(1) in str(load_workbook(io.BytesIO(parcel[book_name(parcel)]))[verify.PROOF]["E16"].value)
    for given in ((folder,), (zipped(tmp_path / "包.zip", parcel),), (folder / book_name(parcel), "--evidence", folder / "证据"), (tmp_path / "部分.xlsx",)):
        status, said = verified(*given)
        assert status == 0 and "校验通过" in said, said


def test_a_filtered_workbook_discloses_only_what_is_about_the_filter(part: bytes, parcel: dict[str, bytes]) -> None:
    few, many = (list(load_workbook(io.BytesIO(data))[verify.TRAIL].iter_rows(min_row=3, values_only=True)) for data in (part, parcel[book_name(parcel)]))
    links = list(load_workbook(io.BytesIO(part))[verify.LINKS].iter_rows(min_row=2, values_only=True))
    assert 0 < len(few) < len(many) <= len(links) + 1
    # Of the others there are two hashes, and nothing of what they say.
    assert all(len(row) == 4 and re.fullmatch("[0-9a-f]{64}", row[2]) and re.fullmatch("[0-9a-f]{64}", row[3]) for row in links)


def test_a_program_that_knows_nothing_of_it_may_save_it_again(parcel: dict[str, bytes], part: bytes, tmp_path: Path, verified: Verified) -> None:
    for data in (parcel[book_name(parcel)], part):
        (tmp_path / "b.xlsx").write_bytes(changed_book(data, unchanged))
        assert verified(tmp_path / "b.xlsx")[0] == 0


@pytest.mark.skipif(shutil.which("soffice") is None, reason=NO_OFFICE)
def test_libreoffice_may_save_it_again(parcel: dict[str, bytes], part: bytes, tmp_path: Path, verified: Verified) -> None:
    for name, data in (("whole", parcel[book_name(parcel)]), ("part", part)):
        (tmp_path / f"{name}.xlsx").write_bytes(office_saved(data))
        status, said = verified(tmp_path / f"{name}.xlsx", "--evidence", laid_out(tmp_path / "包", parcel))
        assert status == 0, said


@pytest.mark.parametrize("what", BOOKS)
def test_every_change_of_a_workbook_is_found_and_named(what: str, parcel: dict[str, bytes], tmp_path: Path, verified: Verified, agreed: Agreed) -> None:
    change, sentence = BOOKS[what]
    data = changed_book(parcel[book_name(parcel)], change)
    (tmp_path / "b.xlsx").write_bytes(data)
    status, said = verified(tmp_path / "b.xlsx")
    agreed("b.xlsx", data, status, said)
    assert status == 1 and said.startswith("校验未通过。") and re.search(sentence, said), said
    assert "Traceback" not in said


def _manifest(files: dict[str, bytes], change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(files["manifest.json"])
    change(content)
    files["manifest.json"] = json.dumps(content).encode()


def _evidence(files: dict[str, bytes], place: int = 0) -> str:
    return sorted(name for name in files if name.startswith("证据/"))[place]


def _listed(files: dict[str, bytes], name: str, content: bytes) -> None:
    """Change a file as one would who also corrects the manifest."""
    files[name] = content
    told = {"path": name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    _manifest(files, lambda manifest: manifest.update(files=[one for one in manifest["files"] if one["path"] != name] + [told]))


def _swap_evidence(files: dict[str, bytes]) -> None:
    (first, one), (second, other) = ((name, files[name]) for name in (_evidence(files), _evidence(files, 1)))
    _listed(files, first, other)
    _listed(files, second, one)


PACKAGES: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "a file of evidence": (lambda files: files.update({_evidence(files): b"x"}), r"证据/E-0001_.*：内容与清单（manifest.json）不符"),
    "a file and the manifest": (lambda files: _listed(files, _evidence(files), b"x"), r"证据目录!K3：审计包 中没有 SHA-256 和字节数与此相符的 E-0001"),
    "two files and the manifest": (_swap_evidence, r"证据目录!K3：审计包 中没有"),
    "a file left out": (lambda files: files.pop(_evidence(files)), r"证据/E-0001_.*：审计包中没有这个文件，已被删去"),
    "a file put in": (lambda files: files.update({"证据/E-0099_x.txt": b"x"}), r"证据/E-0099_x.txt：清单（manifest.json）中没有这个文件"),
    "a file put in, and into the manifest": (lambda files: _listed(files, "证据/E-0099_x.txt", b"x"), r"证据/E-0099：证据目录中没有这个索引号"),
    "the index": (lambda files: files.update({"index.html": b"x"}), r"index.html：内容与清单"),
    "the sums": (lambda files: files.update({"SHA256SUMS.txt": b"x"}), r"SHA256SUMS.txt：内容与清单"),
    "the checker": (lambda files: files.update({"verify.py": b"x"}), r"verify.py：内容与清单"),
    "a moment in the manifest": (lambda files: _manifest(files, lambda told: told.update(as_of="2027-01-01 00:00:00（北京时间）")), r"manifest.json（as_of）：与 校验!E\d+ 不符"),
    "an owner in the manifest": (lambda files: _manifest(files, lambda told: told.update(entity="别家")), r"manifest.json（entity）"),
    "a size in the manifest": (lambda files: _manifest(files, lambda told: told["files"][3].update(size=1)), r"：内容与清单"),
    "the manifest": (lambda files: files.update({"manifest.json": b"[]"}), r"不是本系统导出的工作簿、审计包或链头文件，或已损坏、被删改"),
    "no manifest": (lambda files: files.pop("manifest.json"), r"不是本系统导出的工作簿、审计包"),
}


@pytest.mark.parametrize("what", PACKAGES)
def test_every_change_of_a_package_is_found_and_named(what: str, parcel: dict[str, bytes], tmp_path: Path, verified: Verified, agreed: Agreed) -> None:
    change, sentence = PACKAGES[what]
    change(parcel)
    for given in (laid_out(tmp_path / "包", parcel), zipped(tmp_path / "包.zip", parcel)):
        status, said = verified(given)
        assert status == 1 and said.startswith("校验未通过。") and re.search(sentence, said), said
    agreed("包.zip", given.read_bytes(), status, said)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0"])
def test_what_is_no_workbook_is_a_sentence_and_no_traceback(content: bytes, tmp_path: Path, verified: Verified) -> None:
    for name in ("a.xlsx", "a.zip"):
        (tmp_path / name).write_bytes(content)
        status, said = verified(tmp_path / name)
        assert status == 1 and "不是本系统导出的" in said and "Traceback" not in said
    assert verified(tmp_path / "没有.xlsx")[0] == 1


def test_entities_and_parts_of_one_name_are_refused(parcel: dict[str, bytes], tmp_path: Path, verified: Verified) -> None:
    source, bomb = zipfile.ZipFile(io.BytesIO(parcel[book_name(parcel)])), b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(b"<workbook", bomb + b"<workbook", 1) if name == "xl/workbook.xml" else content)
    assert "DTD" in verified(tmp_path / "bomb.xlsx")[1]
    with pytest.warns(UserWarning), zipfile.ZipFile(tmp_path / "twice.xlsx", "w") as target:
        for name in (*source.namelist(), "xl/workbook.xml"):
            target.writestr(name, source.read(name))
    assert "同名的部分" in verified(tmp_path / "twice.xlsx")[1]


def test_evidence_that_is_not_in_the_folder_is_named(parcel: dict[str, bytes], tmp_path: Path, verified: Verified) -> None:
    folder = laid_out(tmp_path, parcel)
    (folder / _evidence(parcel, 3)).unlink()
    assert re.search("未通过。证据目录!K6：.*证据 中没有 SHA-256 和字节数与此相符的 E-0004", verified(folder / book_name(parcel), "--evidence", folder / "证据")[1])
