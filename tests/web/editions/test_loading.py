"""Loading a register on the page: who may, what is refused with every line named, and a preview that is what happens."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from tests.making import Making
from tests.revised import EDITION, obligations, revised, told, written
from tests.web.browsing import Browser
from tests.web.editions.conftest import Browsers, cards, drafts, editions, load, look, send, text_of
from tests.work import REGISTER, Company
from tracker.assignments import reviewing
from tracker.assignments.models import Assignment, Task
from tracker.assignments.queries import TaskFilter, task_ids
from tracker.audit.queries import TrailFilter, events
from tracker.config import MEGABYTE, Config
from tracker.db import EVERY_ENTITY
from tracker.editions.actions import put_in_force
from tracker.people import signing_in
from tracker.people.access import operator
from tracker.register.source.decoding import MAX_BYTES
from tracker.words import TaskState

NEW = {"statement": "按修改后的要求办理，并保存书面记录。"}


@pytest.mark.parametrize("name", ["林合规", "赵复核", "钱审计", "孙外人"])
def test_everybody_may_look_and_only_administrators_may_load(at_work: Company, browser: Browsers, admin: Browser, name: str) -> None:
    him, preview = browser(name), look(admin, revised())
    page = him.get("/registers").text
    assert told()["name"] in page and EDITION in page and "预览新版本" not in page and 'type="file"' not in page
    edition = editions(at_work.database)[0].id
    assert "恢复此版本" not in him.get("/registers/main").text
    for address in (preview, f"{preview}/again", f"{preview}/drop", f"/registers/editions/{edition}/restore"):
        assert him.post(address).status_code == 404
    assert him.get(preview).status_code == 404
    assert send(him, revised()).status_code == 404
    assert len(drafts(at_work.database)) == len(editions(at_work.database)) == 1


def test_a_broken_file_names_every_line_at_once_and_changes_nothing(at_work: Company, admin: Browser) -> None:
    lines = written(told() | {"edition": "2027.01"}).decode().splitlines()
    spoilt = [n for n, line in enumerate(lines, 1) if line.strip().startswith("severity: ")][:40]
    for n in spoilt:
        lines[n - 1] = lines[n - 1].split(":")[0] + ": grave"
    answer = send(admin, "\n".join(lines).encode(), "改过的.yaml")
    page = text_of(answer.text)
    assert answer.status_code == 422
    assert f"改过的.yaml 有 {len(spoilt)} 处问题，整份文件未被采用" in page
    rows = re.findall(r'<tr><td class="num wrap"[^>]*>([\d,]+)</td>.*?<code class="small">([^<]+)</code>.*?现在写的是“grave”', answer.text)
    assert [int(line.replace(",", "")) for line, _path in rows] == spoilt
    assert all(path.startswith("documents[") and path.endswith(".severity") for _line, path in rows)
    assert (drafts(at_work.database), len(editions(at_work.database))) == ([], 1)


HOSTILE = {
    "utf-16": REGISTER.read_text(encoding="utf-8").encode("utf-16"), "gb18030": REGISTER.read_text(encoding="utf-8").encode("gb18030"), "zeros": b"\0" * 5000,
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "deep": b"[" * 100_000, "aliases": b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "list": b"- 1\n- 2\n", "scalar": "合规".encode(), "tag": b"!!python/object/apply:os.system [id]", "documents": b"format: 1\n---\nformat: 1\n", "markup": b"<script>alert(1)</script>",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_bytes_get_a_sentence_with_their_place(at_work: Company, admin: Browser, kind: str) -> None:
    answer = send(admin, HOSTILE[kind], '坏"<b>\x01名.yaml')
    assert answer.status_code == 422
    assert "处问题，整份文件未被采用" in answer.text and "<b>" not in answer.text.split("<h1>")[1].split("</h1>")[0]
    assert "<script>alert" not in answer.text and "\x01" not in answer.text
    assert (drafts(at_work.database), len(editions(at_work.database))) == ([], 1)


@pytest.mark.parametrize(("data", "name", "sentence"), [
    (b"", "", "请先选择登记册文件"), (b"", "空.yaml", "“空.yaml”是空文件"), (b"#" * (MAX_BYTES + 1), "大.yaml", f"文件超过 {MAX_BYTES // MEGABYTE} MB 的上限"),
])
def test_no_file_an_empty_and_a_huge_one_are_refused_at_the_field(admin: Browser, data: bytes, name: str, sentence: str) -> None:
    answer = send(admin, data, name)
    assert answer.status_code == 422
    assert sentence in answer.text and 'aria-invalid="true"' in answer.text


def test_more_than_a_request_may_hold_is_refused_before_it_is_read(at_work: Company, admin: Browser) -> None:
    assert send(admin, b"#" * (MAX_BYTES + 2 * MEGABYTE)).status_code == 413
    assert drafts(at_work.database) == []


def test_the_bytes_in_force_have_nothing_to_be_loaded(at_work: Company, admin: Browser) -> None:
    answer = send(admin, REGISTER.read_bytes())
    assert answer.status_code == 409
    assert "逐字节相同，没有可以载入的变更" in answer.text and drafts(at_work.database) == []


def _company_under_way(work: Company) -> tuple[str, str, list[str]]:
    """Assign six obligations; returns one to change whose task was accepted, one to take out, and the others."""
    ids = work.applicable(6)
    work.assign(ids, horizon_days=120)
    first = task_ids_of(work, ids[0])[0]
    work.hand_in(first)
    reviewer = work.world.reviewer
    with work.database.writing(reviewer.entities) as s:
        reviewing.accept(s, reviewer, first)
    return ids[0], ids[1], ids[2:]


def task_ids_of(work: Company, obligation_id: str) -> list[int]:
    """List the tasks of an obligation."""
    with work.database.reading(EVERY_ENTITY) as s:
        return list(s.scalars(select(Task.id).where(Task.obligation_id == obligation_id).order_by(Task.id)))


def test_the_preview_is_exactly_what_loading_does(at_work: Company, admin: Browser) -> None:
    changed, gone, others = _company_under_way(at_work)
    preview = look(admin, revised({changed: NEW, others[0]: {"severity": "low"}}, frozenset({gone})))
    page = admin.get(preview).text
    told_numbers, row = cards(page), re.search(r"<tr><td class=\"main-cell\"><b>海川</b></td>(.*?)</tr>", page, re.DOTALL)
    assert row
    touched = {label: int(number) for label, number in re.findall(r'data-label="([^"]+)"><(?:b|span class="muted")>(\d+)<', row.group(1))}
    counted = _state(at_work)
    answer = admin.post(preview)
    assert answer.status_code == 303
    after, edition = _state(at_work), editions(at_work.database)[-1]
    assert told_numbers == {
        "新增": len(edition.changes["added"]), "变更": len(edition.changes["changed"]), "撤下": len(edition.changes["withdrawn"]), "改编号": 0, "未变": edition.changes["unchanged"],
    }
    assert told_numbers["撤下"] == 1 and told_numbers["变更"] >= 1
    assert (touched["结束的分派"], touched["取消的任务"]) == (counted["standing"] - after["standing"], after["cancelled"] - counted["cancelled"])
    assert touched["转为待重新确认"] == after["reconfirm"] - counted["reconfirm"] == 1
    done = text_of(admin.get(answer.location).text)
    assert f"已载入版本 2027.01：新增 0，变更 {told_numbers['变更']}，撤下 1，未变 {told_numbers['未变']}。结束分派 {touched['结束的分派']} 项，取消任务 {touched['取消的任务']} 项。" in done
    assert cards(admin.get(answer.location).text) == told_numbers


def _state(work: Company) -> dict[str, int]:
    officer = work.world.officer
    with work.database.reading(EVERY_ENTITY) as s:
        standing = s.scalar(select(func.count()).select_from(Assignment).where(Assignment.active)) or 0
        cancelled = s.scalar(select(func.count()).select_from(Task).where(Task.state == TaskState.CANCELLED)) or 0
        return {"standing": standing, "cancelled": cancelled, "reconfirm": len(task_ids(s, officer, TaskFilter(state="reconfirm")))}


def test_the_confirming_dialog_repeats_the_consequences(at_work: Company, admin: Browser) -> None:
    changed, gone, _others = _company_under_way(at_work)
    page = admin.get(look(admin, revised({changed: NEW}, frozenset({gone})))).text
    dialog = text_of(page[page.index('<dialog id="load"'):])
    assert "需要重新分派" not in page
    ended, cancelled = 1, len(task_ids_of(at_work, gone))
    assert f"结束 {ended} 项分派，取消 {cancelled} 项未完成任务" in dialog and "1 项已接受的复核结论转为待重新确认" in dialog
    assert "新增 0 项，变更 1 项，撤下 1 项" in dialog


def test_looking_changes_nothing_and_leaves_no_event(at_work: Company, admin: Browser) -> None:
    with at_work.database.reading(EVERY_ENTITY) as s:
        before = len(events(s, TrailFilter(("system",)), limit=500))
    admin.get(look(admin, revised()))
    with at_work.database.reading(EVERY_ENTITY) as s:
        assert len(events(s, TrailFilter(("system",)), limit=500)) == before
    assert len(editions(at_work.database)) == 1


def test_a_second_press_of_the_button_loads_nothing_a_second_time(at_work: Company, admin: Browser) -> None:
    preview = look(admin, revised())
    assert admin.post(preview).status_code == 303
    assert admin.post(preview).status_code == 404
    assert len(editions(at_work.database)) == 2


def test_a_draft_that_was_overtaken_is_refused_and_looked_at_anew(at_work: Company, admin: Browser) -> None:
    preview = look(admin, revised())
    with at_work.database.writing(EVERY_ENTITY) as s:
        put_in_force(s, operator("操作员"), revised(edition="2027.02"), "other.yaml")
    assert "重新预览" in admin.get(preview).text and 'id="load"' not in admin.get(preview).text
    refused = admin.post(preview)
    assert refused.status_code == 409
    assert "没有载入任何内容" in refused.text and "2027.02" in refused.text
    assert [row.edition for row in editions(at_work.database)] == [EDITION, "2027.02"]
    again = admin.post(f"{preview}/again")
    assert again.status_code == 303
    assert admin.post(again.location).status_code == 303
    assert [row.edition for row in editions(at_work.database)] == [EDITION, "2027.02", "2027.01"]


def test_a_draft_is_seen_by_nobody_but_who_made_it(at_work: Company, admin: Browser, making: Making, app: object) -> None:
    preview, other = look(admin, revised()), making.person("另一位管理员", is_admin=True)
    with at_work.database.writing() as s:
        token = signing_in.sign_in(s, other, 12, "127.0.0.1")
    client = app.test_client()  # type: ignore[attr-defined]
    with client.session_transaction() as session:
        session["_user_id"] = token
    him = Browser(client)
    assert [him.get(preview).status_code, him.post(preview).status_code, him.post(f"{preview}/again").status_code, him.post(f"{preview}/drop").status_code] == [404] * 4
    assert admin.get(preview).status_code == 200


def test_a_draft_is_put_away_with_a_word(at_work: Company, admin: Browser) -> None:
    preview = look(admin, revised())
    assert admin.post(f"{preview}/drop").status_code == 303
    assert "没有载入任何内容，现行版本不变" in admin.get("/registers").text
    assert (drafts(at_work.database), admin.get(preview).status_code) == ([], 404)


def test_an_earlier_edition_is_put_back_by_a_new_one_and_acceptances_stand_again(at_work: Company, admin: Browser) -> None:
    changed, gone, _others = _company_under_way(at_work)
    load(admin, revised({changed: NEW}, frozenset({gone})))
    first = editions(at_work.database)[0]
    answer = admin.post(f"/registers/editions/{first.id}/restore")
    assert answer.status_code == 303
    page = text_of(admin.get(answer.location).text)
    assert f"恢复第 {first.id} 次载入的版本 {EDITION}" in page and "1 项待重新确认的结论恢复有效" in page
    assert page.count("恢复的义务以前的分派已经结束，需要重新分派。") == 2
    assert cards(admin.get(answer.location).text) | {"恢复": 1, "变更": 1, "新增": 0} == cards(admin.get(answer.location).text)
    assert admin.post(answer.location).status_code == 303
    newest = editions(at_work.database)[-1]
    assert (newest.edition, newest.restores_id, newest.digest, len(editions(at_work.database))) == (EDITION, first.id, first.digest, 3)
    assert _state(at_work)["reconfirm"] == 0
    assert f"恢复自第 {first.id} 次载入" in text_of(admin.get("/registers/main").text)
    assert admin.post(f"/registers/editions/{newest.id}/restore").status_code == 409


def test_a_differing_file_of_the_settings_is_offered_and_looked_at_where_it_lies(at_work: Company, config: Config, admin: Browser, browser: Browsers) -> None:
    assert "与现行版本不同" not in admin.get("/registers").text
    path = config.instance / "next.yaml"
    path.write_bytes(revised())
    object.__setattr__(config, "register", path)
    assert "服务器上配置的登记册文件 next.yaml 与现行版本不同" in admin.get("/registers").text
    assert "与现行版本不同" not in browser("林合规").get("/registers").text
    answer = admin.post("/registers", {"do": "configured"})
    assert answer.status_code == 303
    assert admin.post(answer.location).status_code == 303
    assert "与现行版本不同" not in admin.get("/registers").text
    path.unlink()
    missing = admin.post("/registers", {"do": "configured"})
    assert (missing.status_code, "读不到服务器上的登记册文件" in missing.text) == (422, True)
    assert admin.get("/registers").status_code == 200


def test_a_register_of_ones_own_stands_beside_the_first(at_work: Company, admin: Browser, browser: Browsers) -> None:
    lin = browser("林合规")
    assert 'name="register"' not in lin.get("/obligations").text
    page = text_of(admin.get(look(admin, own_register())).text)
    assert "将新增登记册“内部制度”" in page and "没有主体的分派、任务或复核结论受到影响" in page
    load(admin, own_register())
    assert "内部制度" in lin.get("/registers").text
    assert "内部制度" in lin.get("/documents").text
    rows = re.findall(r'data-href="/obligations/([^"?]+)"', lin.get("/obligations?register=internal").text)
    assert rows == ["NB1-01-01"]
    assert "NB1-01-01" not in re.findall(r'data-href="/obligations/([^"?]+)"', lin.get("/obligations?register=main&q=内部").text)
    assert "内部制度" in lin.get("/obligations/NB1-01-01").text


def own_register() -> bytes:
    """Write a register of the user's own; its one obligation points to one of the main register, which does not point back."""
    main = told()
    _clause, first = next(obligations(main))
    one = {
        **{key: first[key] for key in ("subjects", "domain")}, "id": "NB1-01-01", "anchor": "各部门应当逐项登记并定期核对", "modality": "must", "basis": "stated",
        "title": "内部登记核对", "statement": "各部门逐项登记，按月核对。", "en": "Register and check.", "severity": "low", "evidence": ["核对表"], "cadence": "monthly",
        "related": [{"id": first["id"], "how": "extended"}],
    }
    document = {"id": "internal-1", "title": "内部控制制度", "title_en": "Internal control", "issuers": ["本公司"], "issued": "2026-01-01", "nature": "内部制度",
                "clauses": [{"no": "1", "title": "登记", "obligations": [one]}]}
    return written({"format": "1", "register": "internal", "name": "内部制度", "edition": "2026.12", "documents": [document]})
