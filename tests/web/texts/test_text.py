"""原文对照: the whole text with every anchor once, the obligations beside it as they stand, and clicks that lead both ways."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
import time_machine

from tests.cast import World
from tests.making import Making
from tests.register.covering import TEXT, written
from tests.web.browsing import Browser
from tests.web.duties.conftest import Office
from tests.web.texts.conftest import LONGER, OTHER, Library
from tests.work import WHOLE
from tracker.db import Database
from tracker.people.access import operator
from tracker.register.loading import load
from tracker.register.queries import ObligationFilter, obligation_ids
from tracker.register.source import read_register
from tracker.register.text import clauses, flat
from tracker.register.writing.starter import Wishes, starter
from tracker.standing.level import Level
from tracker.words import Role, SentenceClass

ADDRESS = f"/documents/{LONGER}/text"
ROW = re.compile(r'<div class="said (\w+)".*?(?=<div class="said |<h[23] class="(?:chapter|part)"|<p class="foot-note"|<details class="outside")', re.DOTALL)


def plain(fragment: str) -> str:
    """Return a piece of a page without tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<sup>.*?</sup>", "", fragment)))


def rows(page: str) -> list[tuple[str, str]]:
    """Return class and words of each sentence on a page."""
    return [(found[1], plain(re.search(r'<div class="words"><div><p>(.*?)</p>', found[0], re.DOTALL)[1])) for found in ROW.finditer(page)]  # type: ignore[index]


def legend(page: str) -> dict[str, int]:
    """Return the numbers of both legends by their codes."""
    found = re.findall(r'<a class="key (\w+)" href="[^"]*"[^>]*><i aria-hidden="true"></i>[^<]* <b>([\d,]+)</b>', page)
    levels = re.findall(r'<a class="key level"[^>]*><span class="mark state (\w+)">.*?</span></span> <b>([\d,]+)</b>', page)
    return {code: int(number.replace(",", "")) for code, number in [*found, *levels]}


@pytest.fixture
def held(database: Database) -> list[str]:
    """Give the obligations of the longer document."""
    with database.reading() as s:
        return obligation_ids(s, ObligationFilter(document=LONGER))


def test_the_whole_text_is_there_and_every_anchor_and_every_entry_once(officer: Browser, library: Library, held: list[str]) -> None:
    library.keep()
    page = officer.get(ADDRESS).text
    words = "".join(text for _kind, text in rows(page))
    assert all(sentence.text in words for clause in clauses(library.text()).values() for sentence in clause.sentences)
    assert sorted(re.findall(r' id="(FF9-[\d-]+)"', page)) == sorted(held)
    assert sorted(re.findall(r'<li class="duty" id="of-(FF9-[\d-]+)"', page)) == sorted(held)
    # Every fragment that a link names is on the page.
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids
    assert set(re.findall(r'href="#of-([^"]+)"', page)) == set(held) == set(re.findall(r'class="locate" href="#([^"]+)"', page))


def test_every_sentence_has_its_class_as_a_word_and_the_legend_counts_them(officer: Browser, library: Library) -> None:
    library.keep()
    page = officer.get(ADDRESS).text
    kinds = [kind for kind, _words in rows(page)]
    assert {str(kind): kinds.count(kind) for kind in SentenceClass} == {code: legend(page)[code] for code in map(str, SentenceClass)}
    assert page.count('<b class="key') == len(kinds) == sum(legend(page)[str(kind)] for kind in SentenceClass)


def test_an_anchor_shows_the_words_of_the_text(officer: Browser, library: Library) -> None:
    library.keep()
    anchor = re.search(r'<a class="anchor[^"]*" href="#of-FF9-03-02".*?</a>', officer.get(ADDRESS).text, re.DOTALL)
    assert anchor and flat(plain(anchor[0])) in flat(library.text())


def test_the_legend_filters_and_its_choice_can_be_taken_back(officer: Browser, library: Library) -> None:
    library.keep()
    counts = legend(officer.get(ADDRESS).text)
    page = officer.get(f"{ADDRESS}?class=right&class=obligation").text
    assert {kind for kind, _words in rows(page)} == {"right", "obligation"}
    assert len(rows(page)) == counts["right"] + counts["obligation"] and "已隐去" in page and "显示全文" in page
    assert legend(page) == counts
    assert re.search(r'<a class="key right" href="[^"]*\?class=obligation" aria-current="true">', page)
    nothing = officer.get(f"{ADDRESS}?class=unclassified").text
    assert rows(nothing) == [] and "没有符合条件的句子" in nothing


def test_the_heat_shows_how_the_chosen_entity_stands(officer: Browser, office: Office, library: Library, world: World, held: list[str]) -> None:
    library.keep()
    undecided = legend(officer.get(f"{ADDRESS}?entity={world.ours}").text)
    assert undecided[Level.UNDECIDED] == len(held) and Level.OVERDUE not in undecided
    mine = [one for one in office.confirm() if one in held]
    office.assign(mine[:2])
    counts = legend(officer.get(f"{ADDRESS}?entity={world.ours}").text)
    assert (counts[Level.OPEN], counts[Level.UNASSIGNED], counts[Level.NOT_APPLICABLE]) == (2, len(mine) - 2, len(held) - len(mine))


def test_late_work_is_marked_at_the_anchor_in_the_margin_beside_it_and_in_the_index(
    browser: Callable[[str], Browser], office: Office, library: Library, world: World, held: list[str], frozen_clock: time_machine.Traveller
) -> None:
    library.keep()
    mine = [one for one in office.confirm() if one in held]
    office.assign(mine[:1])
    frozen_clock.move_to("2027-01-05")
    page = browser("林合规").get(f"{ADDRESS}?entity={world.ours}&level=overdue").text
    assert legend(page)[Level.OVERDUE] == 1
    assert re.search(rf'<a class="anchor overdue" href="#of-{mine[0]}"[^>]* title="{mine[0]} 已逾期"', page)
    row = ROW.search(page)
    assert row and len(rows(page)) == 1 and "已逾期" in plain(row[0].split('class="words"')[0])
    entry = re.search(rf'<li class="duty" id="of-{mine[0]}".*?</li>', page, re.DOTALL)
    assert entry and all(said in plain(entry[0]) for said in ("已逾期", "王责任", "逾期 5 天", mine[0]))
    assert f'href="/obligations/{mine[0]}?entity={world.ours}"' in entry[0]
    index = page[page.index('class="clause-index"'):page.index('class="sheet"')]
    assert index.count("<li>") == 1 and 'class="state overdue" title="已逾期"' in index


def test_all_entities_show_no_standing_and_offer_the_choice(browser: Callable[[str], Browser], making: Making, library: Library, world: World, held: list[str]) -> None:
    library.keep()
    making.grant(world.people["林合规"], [Role.OFFICER], world.others)
    page = browser("林合规").get(f"{ADDRESS}?level=overdue").text
    assert "选择一个主体" in page and f'href="{ADDRESS}?level=overdue&amp;entity={world.others}"' in page
    assert 'class="mark state' not in page and page.count('class="duty"') == len(held)
    # The switch above stays on this page.
    assert f'<a href="{ADDRESS}?level=overdue&amp;entity={world.ours}"' in page
    alone = browser("管理员").get(ADDRESS).text
    assert "您在任何主体中都没有角色" in alone and 'class="mark state' not in alone


def test_another_ones_entity_is_not_found_and_nothing_of_it_is_told(browser: Callable[[str], Browser], office: Office, library: Library, world: World) -> None:
    library.keep()
    office.assign(office.confirm()[:5])
    stranger = browser("孙外人")
    for address in (ADDRESS, f"/documents/{OTHER}/text"):
        assert stranger.get(f"{address}?entity={world.ours}").status_code == 404
    page = stranger.get(ADDRESS).text
    assert "王责任" not in page and "海川" not in page and legend(page)[Level.UNDECIDED] > 0


def test_without_a_text_the_clauses_and_anchors_stand_there_with_a_line_how_to_import(officer: Browser, office: Office, world: World, held: list[str]) -> None:
    office.confirm()
    page = officer.get(f"{ADDRESS}?entity={world.ours}&class=right").text
    assert "还没有导入这份文件的原文" in page and "python -m tracker register text" in page
    assert sorted(re.findall(r' id="(FF9-[\d-]+)"', page)) == sorted(held) and page.count('class="duty"') == len(held)
    assert len(re.findall(r'<h3 class="part"', page)) == 24 and legend(page)[Level.UNASSIGNED] > 0
    assert "href" not in re.findall(r'<(?:span|a) class="key right"[^>]*>', page)[0]
    assert f'href="/documents/{LONGER}?entity={world.ours}"' in page


@pytest.mark.parametrize("address", ["/documents/ff1900-1/text", "/documents/%00/text", f"/documents/{'x' * 3000}/text", "/documents/ff1900-1/text/file", f"{ADDRESS}/file"])
def test_an_unknown_document_and_a_text_that_is_not_there_are_not_found(officer: Browser, address: str) -> None:
    assert officer.get(address).status_code == 404


@pytest.mark.parametrize(("query", "part"), [("class=odd", "句子类别"), ("level=worst", "现状")])
def test_a_filter_that_is_no_choice_is_refused_in_a_sentence(officer: Browser, library: Library, query: str, part: str) -> None:
    library.keep()
    answer = officer.get(f"{ADDRESS}?{query}")
    assert answer.status_code == 422 and part in answer.text


def test_gaps_are_told_on_top_and_at_their_places(officer: Browser, library: Library) -> None:
    text = library.text(OTHER)
    broken = text.replace("6.完善行政法律制度。", "6.完善行政制度。")
    assert broken != text
    done = library.keep(broken + "\n31.附则。本条不在登记册中。", OTHER)
    assert {str(gap.kind) for gap in done.gaps} == {"title", "clause"}
    page = officer.get(f"/documents/{OTHER}/text").text
    assert f"有 {len(done.gaps)} 处对不上" in page
    assert all(page.count(html.escape(gap.said)) == 2 for gap in done.gaps)
    assert rows(page)[-1] == ("unclassified", "本条不在登记册中。") and legend(page)["unclassified"] == 1
    assert rows(officer.get(f"/documents/{OTHER}/text?class=unclassified").text) == [("unclassified", "本条不在登记册中。")]


RULES = "会员规则\n" + "".join(f"第{no}条 会员应当守法。公司应当报告。\n" for no in "一二三")


def test_articles_without_titles_go_by_their_number_once_and_starting_sentences_are_shown_as_still_to_be_classed(
    officer: Browser, database: Database, library: Library
) -> None:
    host = operator("操作员")
    wishes = Wishes("own", document="own-1", prefix="OWN", issuers=("某某交易所",), issued="2026-03-01", title_en="Own rules", nature="业务规则")
    main = read_register(WHOLE.read_bytes(), WHOLE.name)
    with database.writing(host.entities) as s:
        load(s, host, starter(RULES, wishes, dt.date(2026, 11, 22), main).file.encode(), "own.yaml")
    library.keep(RULES, "own-1")
    page = officer.get("/documents/own-1/text").text
    assert legend(page) == {"provisional": 6} and {kind for kind, _words in rows(page)} == {"provisional"}
    assert page.count("</i>待归类</b>") == 6 and "机关事项" not in page and "前言" not in page and "归类理由" not in page
    assert len(rows(officer.get("/documents/own-1/text?class=provisional").text)) == 6
    index = page[page.index('class="clause-index"'):page.index('class="sheet"')]
    assert [index.count(f"第 {no} 条") for no in (1, 2, 3)] == [1, 1, 1]
    table = officer.get("/documents/own-1").text
    assert "第 2 条" in table and "第二条" not in table


SCRIPT = "<script>alert(1)</script>&amp;\"><img src=x onerror=alert(2)>"


def test_what_stands_in_a_text_is_data_wherever_it_is_shown(officer: Browser, admin: Browser, database: Database, library: Library) -> None:
    host = operator("操作员")
    with database.writing(host.entities) as s:
        load(s, host, written().replace("format: 1\n", "format: 1\nregister: own\nname: 自己的登记册\n").encode(), "own.yaml")
    odd = TEXT.replace("某某办公厅印发", SCRIPT).replace("取得 1.5 倍进展", f"取得{SCRIPT}进展").replace("抄送", SCRIPT).replace("二、加强", f"二、{SCRIPT}加强")
    library.keep(odd, "test", f"{SCRIPT}.txt")
    for page in (officer.get("/documents/test/text").text, admin.get("/documents/test").text, admin.get("/trail").text):
        assert "<script>alert" not in page and "<img" not in page
    page = officer.get("/documents/test/text").text
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4
    assert re.search(r'<a class="anchor[^>]*>.*?证.*?券公司应当在销售之前充分了解客户</a>', page, re.DOTALL)


def test_obligation_and_document_lead_to_the_text_and_back(officer: Browser, library: Library, world: World) -> None:
    library.keep()
    assert f'href="{ADDRESS}?entity={world.ours}#FF9-03-02"' in officer.get(f"/obligations/FF9-03-02?entity={world.ours}").text
    assert f'href="{ADDRESS}"' in officer.get(f"/documents/{LONGER}").text
    assert 'href="/obligations/FF9-03-02"' in officer.get(ADDRESS).text


def test_a_text_imported_later_or_another_edition_shows_at_once(officer: Browser, database: Database, library: Library) -> None:
    library.keep()
    first = officer.get(ADDRESS).text
    library.keep(library.text(padding=1), name="新版.txt")
    second = officer.get(ADDRESS).text
    assert rows(first) != rows(second) and "新版.txt" in second
    host = operator("操作员")
    facts = written().replace("format: 1\n", "format: 1\nregister: own\nname: 自己的登记册\n")
    with database.writing(host.entities) as s:
        load(s, host, facts.encode(), "own.yaml")
    library.keep(TEXT, "test")
    before = officer.get("/documents/test/text").text
    with database.writing(host.entities) as s:
        load(s, host, facts.replace("title: 事项 T-03-01", "title: 改过的事项").encode(), "own.yaml")
    after = officer.get("/documents/test/text").text
    assert "改过的事项" in after and "改过的事项" not in before


def test_it_takes_the_same_number_of_statements_whatever_the_length(officer: Browser, office: Office, library: Library, cost: Callable[[Browser, str], int]) -> None:
    office.assign(office.confirm()[:40])
    library.keep()
    library.keep(document_id=OTHER)
    for address in (ADDRESS, f"/documents/{OTHER}/text"):
        officer.get(address)
    assert cost(officer, ADDRESS) == cost(officer, f"/documents/{OTHER}/text") < 14
