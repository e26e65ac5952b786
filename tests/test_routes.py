"""Every route for everybody: signed out, each role, another entity's people, what exists, what is not theirs, what never was; and odd addresses."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import time_machine
from werkzeug.routing import MapAdapter
from werkzeug.test import TestResponse

from tests.ledgers.books import duties
from tests.revised import revised
from tests.routes_site import ADMIN, EVERYBODY, NOBODY, OFFICER, OUTSIDER, Site, Things, open_site
from tests.routes_table import (
    BOOK,
    FILE,
    LEDGER,
    OF_ADMINS,
    OF_ENTITY,
    OPEN,
    ROUTES,
    SHEET,
    STOLEN,
    Route,
)
from tests.web.browsing import CSRF, Browser
from tests.work import working_template
from tracker.web.headers import POLICY

__all__ = ["working_template"]
REFUSED = {403, 404}
HARMLESS = {200, 303, 403, 404, 409, 422}
LOGGED = {"evidence.download", "evidence.preview", "reports.download"}
POSTS = [route for route in ROUTES if route.method == "POST"]
LISTS = sorted({route.address.split("?")[0] for route in ROUTES if route.method == "GET" and "{" not in route.address and "." in route.endpoint})
# The lists that are searched, filtered and sorted are asked every third one, in turn.
MUCH_ASKED = {"/", "/assignments", "/evidence", "/obligations", "/reports/new", "/scope", "/search", "/tasks", "/trail"}
# Pages that read nothing from their query but the entity: every ninth odd query will do. Of the others each is asked a seventh, in turn.
HARDLY_ASKED = {"/registers", "/registers/main", "/registers/main/compare", "/documents", "/documents/ff2025-9", "/trail/check", "/trail/checker", "/trail/heads", "/account", "/account/password", "/sign-in", "/entities", "/entities/new", "/people/new"}
ODD_IDS = ("0", "-1", "1" + "0" * 30, "abc", "１２", "%00", "%0a", "1%20", "+1", "1.0", "0x1", "x" * 5000, "..%2f..%2fetc", "%ff%fe", "'", "null")
ODD_QUERIES = (
    "page=-1", "page=0", "page=1e5", "page=" + "9" * 21, "page=%EF%BC%92", "page=abc", "page=1&page=2", "sort=drop", "sort=-", "sort=--due", "sort=due;drop",
    "state=xyz", "state=overdue&state=done", "entity=abc", "entity=-1", "entity=0", "entity=" + "9" * 30, "entity=%EF%BC%91", f"entity={NOBODY}", "entity=",
    "old=abc", "new=-1", f"old={NOBODY}", "due_from=2026-13-45", "due_from=9999-12-31&due_to=0001-01-01", "due_to=abc", "obtained_from=2026-02-30", "from=2026-13-45", "to=99999-01-01",
    "q=%22%20OR%20*", "q=" + "a" * 10_000, "q=" + quote("证" * 3000), "q=NEAR(a%20b)", "q=title:x", "q=-x", "q=%5E", "q=%25_%5C", "q=AND%20OR%20NOT", "q=*",
    "q=%00", "q=%0d%0a", "q=%F0%9F%98%80", "q=%ff", "q=" + quote("\ud800", errors="surrogatepass"), "q=" + quote("“”（）《》"), "q=a'b", "q=((((", "q=%22",
    "document=nope", "clause=abc", "document=ff2025-9&clause=0", "document=ff2025-9&clause=999999999999", "document=ff2025-9&clause=3", "domain=%27", "modality=MUST",
    "cadence=never", "severity=", "basis=x", "subject=%00", "standing=zzz", "show=zzz", "person=abc", f"person={NOBODY}", "person=" + "9" * 30, "owner=abc",
    "owner=-1", "reviewer=" + "9" * 30, "department=%F0%9F%98%80", "obligation=" + "x" * 1000, "class=zzz", "class=right&class=right", "level=zzz", "level=overdue&level=done", "kind=exe", "kind=pdf&kind=png", "versions=zzz", "leaver=abc",
    "leaver=" + "9" * 30, "next=//evil.example", "next=http://evil.example", "next=/%5Cevil", "actor=zzz", "action=zzz", "object=zzz", "chain=zzz", "door=zzz",
    "seq=-1", "before=abc", "before=" + "9" * 30, "after=-1", "&&&", "=", "%", "a" * 2000 + "=1",
)


@pytest.fixture(scope="module")
def opened(working_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run the application once for all routes."""
    yield from open_site(working_template, tmp_path_factory.mktemp("routes"))


@pytest.fixture
def site(opened: Site, frozen_clock: time_machine.Traveller) -> Iterator[Site]:
    """Give the application on a database as it was at first."""
    opened.reset()
    yield opened


def filled(template: str, things: Things) -> str:
    """Fill `{thing}` in."""
    return template.format_map(things) if "{" in template else template


def ask(browser: Browser, route: Route, things: Things, body: bool = True) -> TestResponse:
    """Send a request of a route about some things; what holds for every answer is checked here."""
    address = filled(route.address, things)
    if route.method == "GET":
        return checked(browser.client.get(address, buffered=True), address)
    data: dict[str, object] = {"csrf_token": browser.token}
    for key, value in route.body.items() if body else ():
        data[filled(key, things)] = sent(value, things) if value in (FILE, SHEET, BOOK, LEDGER) else filled(str(value), things)
    return checked(browser.client.post(address, data=data), address)


def sent(kind: object, things: Things) -> tuple[io.BytesIO, str]:
    """Return a file as a browser sends it: a working paper, a register file, or the entity's own sheet as it was filled in."""
    book = things.get("book")
    # Only the one that is wanted is made: a register file takes longer than all else of a request.
    known: dict[object, tuple[Callable[[], bytes], str]] = {
        FILE: ("新的底稿".encode, "新的底稿.txt"), SHEET: (lambda: revised(edition="2027.03"), "obligations.yaml"),
        LEDGER: (duties, "台账.xlsx"), BOOK: (lambda: book if isinstance(book, bytes) else b"x", "分派表.xlsx"),
    }
    data, name = known[kind]
    return io.BytesIO(data()), name


def checked(answer: TestResponse, address: str) -> TestResponse:
    """Check what every answer owes: no crash, nothing told of the inside, the policy."""
    assert answer.status_code < 500, f"{address}: {answer.status_code}"
    assert answer.headers["Content-Security-Policy"] == POLICY, address
    if answer.mimetype == "text/html":
        assert "Traceback" not in answer.text, address
    return answer


def bare(answer: TestResponse, address: str) -> str:
    """Return the page without what may differ: the address asked for and the token."""
    text = CSRF.sub("TOKEN", answer.text)
    path, query = urlsplit(address).path, urlsplit(address).query
    for told in (address, quote(address, safe="/?=&"), query, path):
        text = text.replace(told.replace("&", "&amp;"), "ADDRESS") if told and told != "/" else text
    return re.sub(r'name="entity" value="\d+"', "ENTITY", re.sub(r"entity=\d+", "entity=N", text))


def own(site: Site, name: str) -> Things:
    """Return the things of the entity where somebody is something."""
    return site.theirs if name == OUTSIDER else site.ours


def is_allowed(route: Route, name: str) -> bool:
    """Tell whether somebody may do this to what is his own; 孙外人 is officer of his own entity."""
    return name in route.allowed or (name == OUTSIDER and route.whose == OF_ENTITY and OFFICER in route.allowed)


def test_every_route_of_the_map_is_in_the_table(opened: Site) -> None:
    served = {(rule.endpoint, method) for rule in opened.app.url_map.iter_rules() for method in (rule.methods or set()) & {"GET", "POST"}}
    told = {(route.endpoint, route.method) for route in ROUTES}
    missing, gone = sorted(served - told), sorted(told - served)
    assert not missing, f"these routes are served but tests/routes_table.py does not say who may use them; add a line for each: {missing}"
    assert not gone, f"tests/routes_table.py tells of routes that are not served (any more); take their lines out: {gone}"


def test_no_route_takes_any_other_method(opened: Site) -> None:
    methods = {method for rule in opened.app.url_map.iter_rules() for method in rule.methods or set()}
    assert methods <= {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_signed_out_one_is_led_to_the_sign_in_page_or_refused(site: Site, route: Route) -> None:
    stranger, before = site.browser(""), site.size()
    answer = ask(stranger, route, site.ours)
    if route.whose == OPEN:
        assert answer.status_code == (200 if route.endpoint == "signing.sign_in" else route.status)
        return
    assert answer.status_code == (303 if route.method == "GET" else 401)
    if route.method == "GET":
        assert answer.headers["Location"].startswith("/sign-in?next=")
    assert site.size() == before


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_those_who_may_can_and_those_who_may_not_change_nothing(site: Site, route: Route) -> None:
    for name in EVERYBODY:
        if name == ADMIN and route.whose == OF_ENTITY:
            continue  # Nothing of any entity is his; the next test sends him away.
        browser, before, given = site.browser(name), site.size(), site.given()
        answer = ask(browser, route, own(site, name) if route.whose == OF_ENTITY else site.ours)
        if not is_allowed(route, name):
            assert answer.status_code in (REFUSED if route.whose == OF_ENTITY else {404}), f"{name}: {answer.status_code}"
            assert (site.size(), site.given()) == (before, given), f"{name} changed something"
            continue
        assert answer.status_code == route.status, f"{name}: {answer.status_code} {wrong(answer)}"
        if route.method == "POST":
            assert (site.size()["audit_event"] > before["audit_event"]) is not route.silent, name
            site.reset()
        else:
            assert site.size() == before, f"{name} changed something by looking"
            assert (site.given() > given) is (route.endpoint in LOGGED), f"{name} was given a file, and nobody knows"


def wrong(answer: TestResponse) -> list[str]:
    """Return the sentences of what was wrong, for the message of a test that fails."""
    return re.findall(r'class="(?:error|problems|flash[^"]*)"[^>]*>(.*?)</(?:p|div)>', answer.text, re.DOTALL)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.things and route.whose in {OF_ENTITY, OF_ADMINS}], ids=str)
def test_what_belongs_to_others_answers_like_what_never_was(site: Site, route: Route) -> None:
    before = site.size()
    # Where only the form names the things, it may be refused, or shown again without them.
    statuses = {404} if "{" in route.address else {403, 404, 422}
    for name in EVERYBODY:
        if name == ADMIN and route.whose == OF_ADMINS:
            assert ask(site.browser(name), route, site.nothing).status_code == 404
            continue
        browser, foreign = site.browser(name), [site.ours] if name == OUTSIDER else [site.theirs]
        absent = ask(browser, route, site.nothing)
        assert absent.status_code in statuses, f"{name}, nothing: {absent.status_code}"
        for things in [*foreign, site.ours] if name == ADMIN else foreign:
            answer = ask(browser, route, things)
            assert answer.status_code == absent.status_code, f"{name}, foreign: {answer.status_code}"
            assert bare(answer, filled(route.address, things)) == bare(absent, filled(route.address, site.nothing)), name
    assert site.size() == before


@pytest.mark.parametrize(("endpoint", "key"), STOLEN)
def test_a_foreign_number_in_a_form_answers_like_one_that_never_was(site: Site, endpoint: str, key: str) -> None:
    browser, before = site.browser(OFFICER), site.size()
    for route in (route for route in ROUTES if route.endpoint == endpoint and key in route.things):
        foreign = ask(browser, route, {**site.ours, key: site.theirs[key]})
        absent = ask(browser, route, {**site.ours, key: site.nothing[key]})
        assert foreign.status_code in HARMLESS - {200, 303}
        assert foreign.status_code == absent.status_code
        assert wrong(foreign) == wrong(absent)
        assert site.size() == before


@pytest.mark.parametrize("route", POSTS, ids=str)
def test_an_empty_form_changes_nothing_for_those_who_may_not_and_crashes_for_nobody(site: Site, route: Route) -> None:
    # Everybody who may not has sent the filled form already: one of them is enough here.
    refused = [one for one in EVERYBODY if not is_allowed(route, one)][:1]
    for name in [*refused, *(one for one in EVERYBODY if is_allowed(route, one))]:
        browser, before = site.browser(name), site.size()
        answer = ask(browser, route, own(site, name), body=False)
        assert answer.status_code in HARMLESS, f"{name}: {answer.status_code}"
        if not is_allowed(route, name) or (name == ADMIN and route.whose == OF_ENTITY):
            assert site.size() == before, f"{name} changed something"
        elif answer.status_code == 303:
            site.reset()


@pytest.mark.parametrize("route", POSTS, ids=str)
def test_a_form_without_its_token_is_refused(site: Site, route: Route) -> None:
    name = next(one for one in EVERYBODY if is_allowed(route, one))
    browser, before = site.browser(name), site.size()
    browser.token = ""
    assert ask(browser, route, site.ours).status_code == 400
    assert site.size() == before


@pytest.mark.parametrize("rule", sorted({rule.split("?")[0] for rule in (route.address for route in ROUTES) if "{" in rule.split("?")[0]}))
def test_a_malformed_number_in_an_address_is_not_found(site: Site, rule: str) -> None:
    before = site.size()
    for name, every in ((OFFICER, 2), (ADMIN, 5)):
        browser = site.browser(name)
        for number, odd in enumerate(ODD_IDS[len(rule) % every :: every]):
            address = re.sub(r"\{\w+\}", odd, rule)
            assert checked(browser.client.get(address), address).status_code in {303, 404, 405}, f"{address[:60]} {name}"
            if (number + len(rule)) % 3 == 0:
                assert checked(browser.client.post(address, data={"csrf_token": browser.token}), address).status_code in {404, 405}, f"{address[:60]} {name}"
    assert site.size() == before


@pytest.mark.parametrize("address", LISTS)
def test_an_odd_query_never_crashes_a_page(site: Site, address: str) -> None:
    browser, before = site.browser(ADMIN if address.startswith(("/people", "/entities")) else OFFICER), site.size()
    step = 3 if address in MUCH_ASKED else 9 if address in HARDLY_ASKED else 7
    for query in ODD_QUERIES[LISTS.index(address) % step :: step]:
        answer = checked(browser.client.get(f"{address}?{query}", buffered=True), f"{address}?{query[:80]}")
        assert answer.status_code in {200, 303, 404, 422}, f"{address}?{query[:80]}: {answer.status_code}"
        assert not answer.headers.get("Location", "/").startswith(("//", "http", "/\\")), query
        if answer.status_code == 422:
            assert re.search("[\u4e00-\u9fff]", answer.text)
    assert site.size() == before


LINK = re.compile(r'(?:href|action|formaction|src)="(/[^"#]*)')


@pytest.mark.parametrize("name", EVERYBODY)
def test_every_link_on_every_page_leads_somewhere(site: Site, name: str) -> None:
    browser, before = site.browser(name), site.size()
    adapter = site.app.url_map.bind("localhost")
    waiting, asked, kinds = ["/"], {"/"}, dict[str, int]()
    while waiting:
        address = waiting.pop(0)
        answer = checked(browser.client.get(address, buffered=True), address)
        assert answer.status_code in {200, 303}, f"{address}: {answer.status_code}"
        assert answer.mimetype != "text/html" or '="None"' not in answer.text, f"{address}: an attribute says None, which a browser takes for a value"
        for found in LINK.findall(answer.text) if answer.mimetype == "text/html" else ():
            target = html.unescape(found)
            endpoint = "" if _posted(adapter, target) else adapter.match(urlsplit(target).path, method="GET")[0]
            # A few of each kind are enough: the pages of one kind are drawn by one template.
            keys = sorted(key for key, _value in parse_qsl(urlsplit(target).query) if key != "entity")
            kind = f"{endpoint} {keys}"
            if endpoint and target not in asked and len(keys) < 2 and kinds.get(kind, 0) < (2 if name == OFFICER else 1):
                kinds[kind] = kinds.get(kind, 0) + 1
                asked.add(target)
                waiting.append(target)
    assert len(asked) > 10
    assert site.size() == before


def _posted(adapter: MapAdapter, target: str) -> bool:
    """Tell whether an address takes forms only; it must then be served."""
    path = urlsplit(target).path
    if "GET" in adapter.allowed_methods(path):
        return False
    assert "POST" in adapter.allowed_methods(path), f"a page leads to {target}, which is not served"
    return True
