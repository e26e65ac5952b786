"""What every address answers to whom: one line per route and kind of act, in the order of the rooms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.routes_site import ADMIN, DAY_AHEAD, EVERYBODY, INSIDERS, OFFICER, OUTSIDER, OWNER, REVIEWER

# An upload: a piece of evidence, a register file, a sheet that comes back, a company's own ledger.
FILE, SHEET, BOOK, LEDGER = b"file", b"register", b"book", b"ledger"
OF_ENTITY, OF_ADMINS, OF_ANYBODY, OPEN = "entity", "admins", "anybody", "open"


@dataclass(frozen=True)
class Route:
    """One address; `{…}` in it and in the body are filled from the things of a site.

    `allowed` are answered with `status`; a POST of theirs writes an event unless `silent`. Whose the address is says what
    all others get: `entity`'s people a refusal, everybody else 404, as for what does not exist.
    """

    endpoint: str
    method: str
    address: str
    whose: str
    allowed: tuple[str, ...]
    body: Mapping[str, object] = field(default_factory=dict)
    status: int = 200
    silent: bool = False

    @property
    def things(self) -> list[str]:
        """Return the keys of the things that stand in the address and in the body."""
        return re.findall(r"{(\w+)}", " ".join([self.address, *self.body, *map(str, self.body.values())]))

    def __str__(self) -> str:
        act = self.body.get("do") or self.body.get("act") or ""
        return f"{self.method} {self.address}{f' ({act})' if act else ''}"


def _page(endpoint: str, address: str, whose: str, allowed: tuple[str, ...], status: int = 200) -> Route:
    return Route(endpoint, "GET", address, whose, allowed, status=status)


def _post(endpoint: str, address: str, whose: str, allowed: tuple[str, ...], body: dict[str, object] | None = None, *, status: int = 303, silent: bool = False) -> Route:
    return Route(endpoint, "POST", address, whose, allowed, body or {}, status, silent)


def _task(act: str, thing: str, allowed: tuple[str, ...], body: dict[str, object] | None = None, room: str = "tasks", name: str = "") -> Route:
    return _post(f"{room}.{name or act}", f"/tasks/{{{thing}}}/{act}", OF_ENTITY, allowed, body)


WORKERS = (OFFICER, OWNER)
# Officers of any entity, and administrators.
ALARMED = (OFFICER, OUTSIDER, ADMIN)
TERMS: dict[str, object] = {"terms-owner_id": "{owner}", "terms-reviewer_id": "{reviewer}", "terms-first_due": DAY_AHEAD, "terms-department": "业务二部", "terms-cadence": "", "terms-review_every": ""}
REASON = "监管要求补充本期底稿"
COMPANY: dict[str, object] = {"name": "新设公司", "short_name": "新设", "code": "XS01", "parent_id": "", "kinds": "securities_firm"}
PERSON: dict[str, object] = {"name": "张三", "login": "zhangsan", "department": "投行部", "post": "经理", "email": "zhang@example.com"}

OWN: dict[str, object] = {"name": "自有台账", "issuer": "海川证券合规部", "issued": "2026-11-22"}

DOORWAY = (
    _page("static", "/static/css/base.css", OPEN, EVERYBODY), _page("icons", "/icons.svg", OPEN, EVERYBODY),
    _page("alarms.listing", "/alarms", OF_ANYBODY, ALARMED),
    _page("health.healthz", "/healthz", OPEN, EVERYBODY), _page("signing.sign_in", "/sign-in", OPEN, EVERYBODY, 303),
    _post("signing.check_sign_in", "/sign-in", OPEN, EVERYBODY, {"login": "nobody", "password": "wrong wrong"}, status=422, silent=True),
    _post("signing.sign_in_as", "/sign-in/as", OPEN, EVERYBODY, {"person": "1"}, status=404, silent=True),
    _page("signing.setup", "/setup/{link}", OPEN, EVERYBODY, 404), _page("signing.invite", "/invite/{link}", OPEN, EVERYBODY),
    _post("signing.setup", "/setup/{link}", OPEN, EVERYBODY, status=404, silent=True),
    _post("signing.invite", "/invite/{link}", OPEN, EVERYBODY, {"password": "短", "repeat": "短"}, status=422, silent=True),
    _post("signing.sign_out", "/sign-out", OF_ANYBODY, EVERYBODY),
    _page("signing.account", "/account", OF_ANYBODY, EVERYBODY), _page("signing.password", "/account/password", OF_ANYBODY, EVERYBODY),
    _post("signing.password", "/account/password", OF_ANYBODY, EVERYBODY, {"old": "wrong"}, status=422, silent=True),
    _post("signing.sign_out_elsewhere", "/account/sign-out-elsewhere", OF_ANYBODY, EVERYBODY, silent=True),
)
READING = (
    _page("home.workbench", "/", OF_ANYBODY, EVERYBODY), _page("home.workbench", "/?entity={entity}", OF_ENTITY, INSIDERS),
    _page("home.search", "/search?q=客户", OF_ANYBODY, EVERYBODY), _page("home.search", "/search?q=客户&entity={entity}", OF_ENTITY, INSIDERS),
    _page("register.listing", "/obligations", OF_ANYBODY, EVERYBODY), _page("register.listing", "/obligations?entity={entity}", OF_ENTITY, INSIDERS),
    _page("register.page", "/obligations/{obligation}", OF_ANYBODY, EVERYBODY), _page("documents.listing", "/documents", OF_ANYBODY, EVERYBODY),
    _page("register.page", "/obligations/{obligation}?entity={entity}", OF_ENTITY, INSIDERS),
    _page("documents.page", "/documents/ff2025-9", OF_ANYBODY, EVERYBODY), _page("documents.page", "/documents/ff2025-9?entity={entity}", OF_ENTITY, INSIDERS),
    _page("documents.listing", "/documents?entity={entity}", OF_ENTITY, INSIDERS),
    _page("texts.page", "/documents/ff2025-9/text", OF_ANYBODY, EVERYBODY), _page("texts.page", "/documents/ff2025-9/text?entity={entity}", OF_ENTITY, INSIDERS),
    _page("texts.page", "/documents/opinions-2021/text?entity={entity}", OF_ENTITY, INSIDERS),
    _page("texts.download", "/documents/ff2025-9/text/file", OF_ANYBODY, EVERYBODY), _page("texts.download", "/documents/ff2025-9/text/file/1", OF_ANYBODY, EVERYBODY),
    _post("texts.bring_in", "/documents/ff2025-9/text", OF_ADMINS, (ADMIN,), {"file": FILE}, status=422, silent=True),
)
ASSIGNING = (
    _page("scope.listing", "/scope", OF_ANYBODY, EVERYBODY), _page("scope.listing", "/scope?entity={entity}", OF_ENTITY, INSIDERS),
    _post("scope.decide", "/scope?entity={entity}", OF_ENTITY, (OFFICER,), {"do": "exclude", "ids": "{spare}", "exclude-reason": REASON}),
    _post("scope.decide", "/scope?entity={entity}", OF_ENTITY, (OFFICER,), {"do": "apply", "ids": "{spare}", "apply-reason": REASON}),
    _post("scope.decide", "/scope?entity={entity}", OF_ENTITY, (OFFICER,), {"do": "confirm", "ids": "{spare}"}, silent=True),
    _post("register.assign", "/obligations?entity={entity}", OF_ENTITY, (OFFICER,), {"ids": "{spare}", **TERMS}),
    _post("register.assign", "/obligations?entity={entity}", OF_ENTITY, (OFFICER,), {"do": "controls", "ids": "{spare}", "control-business": "财富管理"}),
    _page("controls.edit", "/obligations/{obligation}/controls?entity={entity}", OF_ENTITY, (OFFICER,)),
    _post("controls.edit", "/obligations/{obligation}/controls?entity={entity}", OF_ENTITY, (OFFICER,), {"version": "0", "business": "财富管理"}),
    _page("assigning.listing", "/assignments", OF_ANYBODY, EVERYBODY), _page("assigning.listing", "/assignments?entity={entity}", OF_ENTITY, INSIDERS),
    _post("assigning.act", "/assignments?entity={entity}&show=unassigned", OF_ENTITY, (OFFICER,), {"do": "assign", "ids": "{spare}", **TERMS}),
    _post("assigning.act", "/assignments?entity={entity}", OF_ENTITY, (OFFICER,), {"do": "change", "ids": "{assignment}", **TERMS}),
    _post("assigning.act", "/assignments?entity={entity}", OF_ENTITY, (OFFICER,), {"do": "people", "ids": "{assignment}", "people-owner_id": "{heir}", "people-reviewer_id": "{reviewer}"}),
    _post("assigning.act", "/assignments?entity={entity}", OF_ENTITY, (OFFICER,), {"do": "end", "ids": "{assignment}", "end-reason": REASON}),
    _post("planning.plan", "/assignments/plan?entity={entity}", OF_ENTITY, (OFFICER,)),
    _page("planning.occasion", "/assignments/{assignment}/occasion", OF_ENTITY, WORKERS),
    _post("planning.occasion", "/assignments/{assignment}/occasion", OF_ENTITY, WORKERS, {"occasion": "收到监管问询函", "due_on": DAY_AHEAD}),
    _page("handing.page", "/assignments/hand-over?entity={entity}&leaver={owner}", OF_ENTITY, (OFFICER,)),
    _post("handing.hand", "/assignments/hand-over?entity={entity}&leaver={owner}", OF_ENTITY, (OFFICER,), {"heir_id": "{heir}"}),
)
BRINGING = (
    _page("bringing.page", "/import?entity={entity}", OF_ENTITY, (OFFICER,)), _page("bringing.page", "/import?entity={entity}&list=tasks&state=open", OF_ENTITY, (OFFICER,)),
    _page("bringing.duties", "/import/assignments.xlsx?entity={entity}", OF_ENTITY, (OFFICER,)),
    _page("bringing.tasks", "/import/tasks.xlsx?entity={entity}&state=open", OF_ENTITY, (OFFICER,)),
    _post("bringing.bring", "/import?entity={entity}", OF_ENTITY, (OFFICER,), {"file": BOOK}, silent=True),
    _page("bringing.preview", "/import/{brought}", OF_ENTITY, (OFFICER,)), _page("bringing.back", "/import/{brought}/apply", OF_ANYBODY, EVERYBODY, 303),
    _post("bringing.apply", "/import/{brought}/apply", OF_ENTITY, (OFFICER,), {"seen": "{brought_seen}"}),
    _post("bringing.drop", "/import/{brought}/drop", OF_ENTITY, (OFFICER,), silent=True),
)
TASKS = (
    _page("tasks.tasks", "/tasks", OF_ANYBODY, EVERYBODY), _page("tasks.tasks", "/tasks?entity={entity}", OF_ENTITY, INSIDERS),
    _page("tasks.page", "/tasks/{open}", OF_ENTITY, INSIDERS), _page("tasks.page", "/tasks/{submitted}", OF_ENTITY, INSIDERS),
    _page("tasks.page", "/tasks/{closed}", OF_ENTITY, INSIDERS), _page("tasks.back", "/tasks/{open}/save", OF_ANYBODY, EVERYBODY, 303),
    _task("save", "open", WORKERS, {"version": "{open_version}", "note": "已核对本期记录。"}),
    _task("submit", "open", WORKERS, {"version": "{open_version}", "note": "已核对本期记录。"}),
    _task("recall", "submitted", WORKERS),
    _task("accept", "submitted", (REVIEWER,), {"accept-version": "{submitted_version}", "accept-comment": "资料齐全。"}),
    _task("returned", "submitted", (REVIEWER,), {"back-version": "{submitted_version}", "back-reason": REASON}, name="send_back"),
    _task("reschedule", "open", (OFFICER,), {"due-due_on": DAY_AHEAD, "due-reason": REASON}, "task_office"),
    _task("cancel", "open", (OFFICER,), {"cancel-reason": REASON}, "task_office"),
    _task("people", "open", (OFFICER,), {"people-owner_id": "{heir}", "people-reviewer_id": ""}, "task_office", "reassign"),
    _task("reconfirm", "outdated", (REVIEWER,), {"again-comment": "要求未变，结论仍然成立。"}), _page("tasks.page", "/tasks/{outdated}", OF_ENTITY, INSIDERS),
    _task("reopen", "closed", (OFFICER, REVIEWER), {"reopen-reason": REASON}, "task_office"),
    _task("files", "open", WORKERS, {"files": FILE}, "task_pieces", "upload"),
    _page("task_pieces.cite_page", "/tasks/{open}/cite", OF_ENTITY, INSIDERS),
    _task("cite", "open", WORKERS, {"evidence": "{uncited}"}, "task_pieces"),
    _task("uncite", "open", WORKERS, {"evidence": "{evidence}"}, "task_pieces"),
    _post("task_bulk.act", "/tasks", OF_ENTITY, (OFFICER,), {"act": "reschedule", "ids": "{open}", "due-due_on": DAY_AHEAD, "due-reason": REASON}),
    _post("task_bulk.act", "/tasks", OF_ENTITY, (OFFICER,), {"act": "cancel", "ids": "{open}", "cancel-reason": REASON}),
    _post("task_bulk.act", "/tasks", OF_ENTITY, (OFFICER,), {"act": "people", "ids": "{open}", "people-owner_id": "{heir}", "people-reviewer_id": ""}),
    _post("task_bulk.act", "/tasks", OF_ENTITY, (REVIEWER,), {"act": "reconfirm", "ids": "{outdated}", "again-comment": ""}),
)
EVIDENCE = (
    _page("evidence.library", "/evidence", OF_ANYBODY, EVERYBODY), _page("evidence.library", "/evidence?entity={entity}", OF_ENTITY, INSIDERS),
    _post("evidence.upload", "/evidence?entity={entity}", OF_ENTITY, WORKERS, {"files": FILE}),
    _page("evidence.page", "/evidence/{evidence}", OF_ENTITY, INSIDERS), _page("evidence.back", "/evidence/{evidence}/describe", OF_ANYBODY, EVERYBODY, 303),
    _page("evidence.download", "/evidence/{evidence}/file", OF_ENTITY, INSIDERS),
    _page("evidence.preview", "/evidence/{evidence}/pages/1.png", OF_ENTITY, INSIDERS),
    _post("evidence.describe", "/evidence/{evidence}/describe", OF_ENTITY, WORKERS, {"version": "{evidence_version}", "note": "已盖章"}),
    _post("evidence.replace", "/evidence/{evidence}/replace", OF_ENTITY, WORKERS, {"files": FILE}),
)
PROVING = (
    _page("reports.listing", "/reports", OF_ANYBODY, EVERYBODY), _page("reports.listing", "/reports?entity={entity}", OF_ENTITY, INSIDERS),
    _page("reports.new", "/reports/new", OF_ANYBODY, EVERYBODY), _page("reports.new", "/reports/new?entity={entity}", OF_ENTITY, INSIDERS),
    _post("reports.build", "/reports/new?entity={entity}", OF_ENTITY, INSIDERS), _page("reports.download", "/reports/{export}/file", OF_ENTITY, INSIDERS),
    _page("jobs.page", "/reports/jobs/{job}", OF_ENTITY, INSIDERS), _page("jobs.state", "/reports/jobs/{job}/state", OF_ENTITY, INSIDERS),
    _post("jobs.cancel", "/reports/jobs/{job}/cancel", OF_ENTITY, (OFFICER,)), _post("jobs.again", "/reports/jobs/{ended}/again", OF_ENTITY, INSIDERS),
    _page("trail.listing", "/trail", OF_ANYBODY, EVERYBODY), _page("trail.listing", "/trail?entity={entity}", OF_ENTITY, INSIDERS),
    _page("trail.checker", "/trail/checker", OF_ANYBODY, EVERYBODY), _page("trail.check", "/trail/check", OF_ANYBODY, EVERYBODY), _page("trail.check", "/trail/check?entity={entity}", OF_ENTITY, INSIDERS),
    _page("heads.page", "/trail/heads", OF_ADMINS, (ADMIN,)), _post("heads.sign", "/trail/heads", OF_ADMINS, (ADMIN,), silent=True),
    _page("heads.download", "/trail/heads/{registry}/file", OF_ADMINS, (ADMIN,)),
)
RETENTION = (
    _page("retention.listing", "/retention", OF_ANYBODY, ALARMED), _page("retention.listing", "/retention?entity={entity}", OF_ENTITY, (OFFICER,)),
    _page("retention.piece", "/retention/evidence/{evidence}", OF_ENTITY, (OFFICER,)),
    _post("retention.piece", "/retention/evidence/{evidence}", OF_ENTITY, (OFFICER,), {"do": "classify", "retention": "suitability", "why": REASON}),
    _post("retention.piece", "/retention/evidence/{evidence}", OF_ENTITY, (OFFICER,), {"do": "ask", "ask-reason": REASON, "ask-basis": REASON}, status=409, silent=True),
    _page("retention.disclosure", "/retention/trail/{chain}/0", OF_ENTITY, (OFFICER,)),
    _post("retention.disclosure", "/retention/trail/{chain}/0", OF_ENTITY, (OFFICER,), {"do": "seal", "fields": "actor_name", "reason": REASON}),
    _page("retention.person", "/retention/people/{person}", OF_ADMINS, (ADMIN,)),
    _post("retention.person", "/retention/people/{person}", OF_ADMINS, (ADMIN,), {"do": "seal", "reason": REASON}),
    _page("deciding.place", "/retention/holds/new?entity={entity}", OF_ENTITY, (OFFICER,)),
    _post("deciding.place", "/retention/holds/new?entity={entity}", OF_ENTITY, (OFFICER,), {"kind": "evidence", "what": "{evidence}", "reason": REASON}),
    _page("deciding.hold", "/retention/holds/{hold}", OF_ENTITY, (OFFICER,)),
    _post("deciding.hold", "/retention/holds/{hold}", OF_ENTITY, (OFFICER,), {"reason": REASON}),
    _page("deciding.decide", "/retention/requests/{request}", OF_ENTITY, (OFFICER,)),
    _post("deciding.decide", "/retention/requests/{request}", OF_ENTITY, (OFFICER,), {"do": "refuse", "reason": REASON}),
)
MANAGING = (
    _page("entities.listing", "/entities", OF_ADMINS, (ADMIN,)), _page("entities.page", "/entities/{entity}", OF_ADMINS, (ADMIN,)),
    _page("entities.create", "/entities/new", OF_ADMINS, (ADMIN,)), _post("entities.create", "/entities/new", OF_ADMINS, (ADMIN,), COMPANY),
    _page("entities.edit", "/entities/{entity}/edit", OF_ADMINS, (ADMIN,)),
    _post("entities.edit", "/entities/{entity}/edit", OF_ADMINS, (ADMIN,), {**COMPANY, "version": "{entity_version}"}),
    _post("entities.grant", "/entities/{entity}/roles", OF_ADMINS, (ADMIN,), {"was-{heir}": "owner,reviewer", "roles-{heir}": "owner"}),
    _post("entities.set_active", "/entities/{entity}/active", OF_ADMINS, (ADMIN,), {"active": "0"}),
    _page("people.listing", "/people", OF_ADMINS, (ADMIN,)), _page("people.page", "/people/{person}", OF_ADMINS, (ADMIN,)),
    _page("people.create", "/people/new", OF_ADMINS, (ADMIN,)), _post("people.create", "/people/new", OF_ADMINS, (ADMIN,), PERSON),
    _page("people.edit", "/people/{person}/edit", OF_ADMINS, (ADMIN,)),
    _post("people.edit", "/people/{person}/edit", OF_ADMINS, (ADMIN,), {**PERSON, "version": "{person_version}"}),
    _post("people.invite", "/people/{person}/invite", OF_ADMINS, (ADMIN,)), _post("people.leave", "/people/{person}/leave", OF_ADMINS, (ADMIN,)),
    _post("people.bring_back", "/people/{person}/return", OF_ADMINS, (ADMIN,), silent=True),
    _post("people.grant", "/people/{person}/roles", OF_ADMINS, (ADMIN,), {"was-{entity}": "owner", "roles-{entity}": "reviewer"}),
)
EDITIONS = (
    _page("editions.listing", "/registers", OF_ANYBODY, EVERYBODY), _page("editions.history", "/registers/main", OF_ANYBODY, EVERYBODY),
    _page("editions.compare", "/registers/main/compare", OF_ANYBODY, EVERYBODY), _page("editions.compare", "/registers/main/compare?old={earlier}&new={edition}", OF_ANYBODY, EVERYBODY),
    _page("editions.edition", "/registers/editions/{edition}", OF_ANYBODY, EVERYBODY), _page("editions.download", "/registers/editions/{earlier}/file", OF_ANYBODY, EVERYBODY),
    _post("loading.look", "/registers", OF_ADMINS, (ADMIN,), {"file": SHEET}, silent=True), _post("loading.look", "/registers", OF_ADMINS, (ADMIN,), {"do": "configured"}, silent=True),
    _page("loading.draft", "/registers/drafts/{draft}", OF_ADMINS, (ADMIN,)), _post("loading.apply", "/registers/drafts/{draft}", OF_ADMINS, (ADMIN,)),
    _post("loading.again", "/registers/drafts/{draft}/again", OF_ADMINS, (ADMIN,), silent=True), _post("loading.drop", "/registers/drafts/{draft}/drop", OF_ADMINS, (ADMIN,), silent=True),
    _post("loading.restore", "/registers/editions/{earlier}/restore", OF_ADMINS, (ADMIN,), silent=True),
)
LEDGERS = (
    _page("ledgers.start", "/ledgers", OF_ADMINS, (ADMIN,)), _post("ledgers.take", "/ledgers", OF_ADMINS, (ADMIN,), {"file": LEDGER}, silent=True),
    _page("ledgers.page", "/ledgers/{ledger}", OF_ADMINS, (ADMIN,)), _post("ledgers.work", "/ledgers/{ledger}", OF_ADMINS, (ADMIN,), {"do": "refresh"}, silent=True),
    _post("ledgers.work", "/ledgers/{ledger}", OF_ADMINS, (ADMIN,), {"do": "file", "register": "", **OWN}, status=200, silent=True),
    _post("ledgers.work", "/ledgers/{ledger}", OF_ADMINS, (ADMIN,), {"do": "preview", "register": "", **OWN}),
    _post("ledgers.drop", "/ledgers/{ledger}/drop", OF_ADMINS, (ADMIN,), silent=True), _post("ledgers.forget", "/ledgers/mappings/{mapping}/forget", OF_ADMINS, (ADMIN,)),
)
ROUTES = (*DOORWAY, *READING, *EDITIONS, *LEDGERS, *ASSIGNING, *BRINGING, *TASKS, *EVIDENCE, *PROVING, *RETENTION, *MANAGING)

# What stands in a body and belongs to another entity, while the address is one's own: endpoint, key of the thing.
STOLEN = (
    ("task_pieces.cite", "uncited"), ("task_pieces.uncite", "evidence"), ("task_office.reassign", "heir"), ("handing.hand", "heir"),
    ("handing.hand", "owner"), ("handing.page", "owner"), ("register.assign", "owner"), ("register.assign", "reviewer"), ("assigning.act", "assignment"),
    ("assigning.act", "heir"), ("assigning.act", "owner"), ("task_bulk.act", "heir"),
)
