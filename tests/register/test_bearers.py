"""Proves the bearers: those not marked `inferred` are named by the sentence itself, those marked are not named beside their anchor."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.register.test_obligations_yaml import official_clauses, register
from tracker.register.changes import located
from tracker.register.shape import Obligation
from tracker.register.text import ClauseText, flat, positions
from tracker.words import Basis, Modality

DOCUMENTS = ["ff2025-9", "opinions-2021"]
INTERMEDIARY = "中介机构|证券服务机构"
DUTY = "应当|应继续|不得|必须|(?<![主重需必])要(?![求件素])"
# By which words a text may name a bearer. A role (当事人, 被告, 被执行人, 受害人, 投资者, 各类经营主体) names no kind of bearer.
NAMED_BY = {
    "listed_company": r"(?<!境外)上市公司|上市（挂牌）公司",
    "issuer": "发行人|发行申请人",
    "bond_issuer": "债券发行人|发债企业",
    "neeq_company": "挂牌）?公司|新三板公司",
    "overseas_listed": "境外上市公司|中概股公司",
    "securities_firm": "证券公司|证券期货(基金)?经营机构",
    "futures_firm": "期货公司|期货(基金)?经营机构",
    "fund_manager": "(?<!私募)(?<!私募投资)基金管理人(?!员)|基金经营机构",
    "private_fund_manager": "私募(投资)?基金管理人(?!员)|(?<!基金)管理人(?!员)",
    "venture_fund": "创业投资(管理)?企业",
    "custodian": "托管人",
    "sales_institution": "销售机构",
    "investment_adviser": "投资咨询机构",
    "sponsor": f"{INTERMEDIARY}|保荐|承销",
    "auditor": f"{INTERMEDIARY}|会计师事务所",
    "law_firm": f"{INTERMEDIARY}|律师事务所",
    "appraiser": f"{INTERMEDIARY}|资产评估机构",
    "rating_agency": f"{INTERMEDIARY}|评级机构",
    "financial_adviser": f"{INTERMEDIARY}|财务顾问",
    "trading_venue": "区域性交易场所|地方交易场所",
    "investor_protection_body": "投资者保护机构",
    "controlling_shareholder": "控股股东|实际控制人",
    "director_officer": "董事|监事|高级管理人员|(?<=基金)管理人员",
    "shareholder": "(?<!控股)股东(?!资格|条件)",
    "staff": "从业人员|市场人员|(?<=基金)管理人员",
    "acquirer": "受让[方人]",
    "third_party": "第三方|供应商",
}
NAMED_ALL_THE_SAME = {
    "FF9-03-05": "the sentence leaves its subject out: it is the institutions that the sentence before it names",
}
NOT_NAMED_FOR_ALL_THAT = {
    ("FF9-12-11", "private_fund_manager"): "the manager is named as the one who misuses the money, the other of the two cases",
    ("OP21-06-04", "listed_company"): "its name stands in the titles of regulations that the State is to make",
    ("OP21-06-04", "securities_firm"): "its name stands in the titles of regulations that the State is to make",
    ("OP21-15-08", "listed_company"): "it is named as the one that is harmed, not as the one who must refrain",
    ("OP21-17-02", "sponsor"): "intermediaries are another item of the same enumeration, with an obligation of their own",
    ("OP21-18-01", "private_fund_manager"): "the manager is named beside the other of the two offences",
    ("FF9-17-04", "trading_venue"): "the venues are another item of the same enumeration, with an obligation of their own",
}


def of(document: str) -> Iterator[tuple[Obligation, ClauseText]]:
    for place, clause, one in located(register()):
        if place.id == document:
            yield one, official_clauses(document)[clause.no]


def sentence_of(one: Obligation, clause: ClauseText) -> str:
    (at,) = positions(clause.text, one.anchor)
    return next(sentence.text for sentence in clause.sentences if sentence.begin <= at < sentence.end)


def part_of(one: Obligation, clause: ClauseText) -> str:
    (at,) = positions(clause.text, one.anchor)
    end = at + len(flat(one.anchor))
    begin = max(clause.text.rfind(mark, 0, at) + 1 for mark in "，；。")
    return clause.text[begin:end] + re.split("[，；。]", clause.text[end:], maxsplit=1)[0]


def names(text: str, subject: str) -> bool:
    return re.search(NAMED_BY[subject], text) is not None


def test_it_is_known_by_which_words_each_bearer_is_named() -> None:
    assert set(NAMED_BY) == set(register().subjects)


def test_a_role_or_another_bearer_is_no_name() -> None:
    assert not any(names("当事人、被告和投资者", subject) for subject in NAMED_BY)
    assert names("境外上市公司", "overseas_listed") and not names("境外上市公司", "listed_company")
    assert names("其控股股东", "controlling_shareholder") and not names("其控股股东", "shareholder")
    assert names("私募基金管理人", "private_fund_manager") and not names("私募基金管理人", "fund_manager")
    assert names("私募基金管理人员", "staff") and not names("私募基金管理人员", "private_fund_manager")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_bearer_not_marked_inferred_is_named_by_its_sentence(document: str) -> None:
    unnamed = {
        one.id: missing for one, clause in of(document) if one.id not in NAMED_ALL_THE_SAME
        if (missing := [code for code in one.subjects if code not in one.inferred and not names(sentence_of(one, clause), code)])
    }
    assert unnamed == {}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_bearer_marked_inferred_is_named_where_its_anchor_stands(document: str) -> None:
    named = [
        (one.id, code) for one, clause in of(document) for code in one.inferred
        if names(part_of(one, clause), code) and (one.id, code) not in NOT_NAMED_FOR_ALL_THAT
    ]
    assert named == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_duty_is_stated_only_where_its_sentence_says_so_to_a_bearer_it_names(document: str) -> None:
    stated = [(one, sentence_of(one, clause)) for one, clause in of(document) if one.basis is Basis.STATED and one.modality in (Modality.MUST, Modality.MUST_NOT)]
    assert [one.id for one, said in stated if not re.search(DUTY, said)] == []
    assert [one.id for one, said in stated if not any(names(said, code) for code in one.subjects if code not in one.inferred)] == []


def test_the_exceptions_are_still_needed() -> None:
    known = {one.id: (one, clause) for document in DOCUMENTS for one, clause in of(document)}
    named = [code for code in NAMED_ALL_THE_SAME if any(names(sentence_of(*known[code]), subject) for subject in known[code][0].subjects)]
    idle = [key for key in NOT_NAMED_FOR_ALL_THAT if key[1] not in known[key[0]][0].inferred or not names(part_of(*known[key[0]]), key[1])]
    assert (named, idle) == ([], [])
