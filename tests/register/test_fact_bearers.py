"""Each obligation of obligations.yaml names only such statutory facts as meet one of its bearers."""

from __future__ import annotations

import re

from tests.register.test_obligations_yaml import register
from tracker.register.changes import located

SERVICES = {"auditor", "law_firm", "appraiser", "rating_agency", "financial_adviser", "investment_adviser"}
INTERMEDIARIES = SERVICES | {"sponsor", "staff"}
COMPANIES = {"listed_company", "issuer", "neeq_company", "bond_issuer", "overseas_listed"}
INSTITUTIONS = {"securities_firm", "futures_firm", "fund_manager"}
HOLDERS = {"shareholder", "controlling_shareholder", "acquirer"}
CONTROL = {"controlling_shareholder"}
OFFICERS = {"director_officer"}
PERSONS = OFFICERS | {"staff"}
PRIVATE = {"private_fund_manager", "venture_fund"}
HANDLERS = {"overseas_listed", "issuer", "listed_company", "auditor"}
EVERYBODY: set[str] = set()
MET: dict[str, set[str]] = {
    # Whoever they are; also the investors, whose period runs against each they can sue.
    "任何单位和个人": EVERYBODY, "经营者": EVERYBODY, "单位": EVERYBODY, "投资者": EVERYBODY, "承诺制度当事人": EVERYBODY,
    "被记入诚信档案者": EVERYBODY, "被处罚人": EVERYBODY, "被告知拟受处罚者": EVERYBODY, "违法行为人": EVERYBODY, "被调查者": EVERYBODY,
    "接收单位": EVERYBODY, "用人单位": EVERYBODY, "非法从事服务的机构": EVERYBODY, "擅自发行的单位": EVERYBODY, "提供数据的组织": EVERYBODY,
    # The head of the unit on which the duty lies; a law firm answers through its lawyers.
    "单位负责人": EVERYBODY, "自然人": PERSONS | {"law_firm", "shareholder"},
    "责任人": PERSONS, "有关责任人员": PERSONS | CONTROL, "从业人员": {"staff"}, "董监高": OFFICERS, "中介机构人员": INTERMEDIARIES,
    "配合者依共犯论": {"third_party"},
    "证券公司": {"securities_firm", "sponsor"}, "期货经营机构": {"futures_firm"}, "证券期货经营机构": INSTITUTIONS | {"sales_institution"},
    "基金销售机构": {"sales_institution"}, "销售机构": {"sales_institution"}, "公募基金管理人": {"fund_manager"},
    "私募基金管理人": PRIVATE, "托管人": {"custodian"}, "募集基金的管理人": PRIVATE | {"fund_manager"},
    "受托人": PRIVATE | {"fund_manager", "custodian"}, "履行反洗钱义务的机构": INSTITUTIONS | PRIVATE | {"sales_institution"},
    "证券服务机构": SERVICES, "保荐人": {"sponsor"},
    "上市公司": {"listed_company"}, "挂牌公司": {"neeq_company"}, "公司债券上市的公司": {"bond_issuer"}, "公司": COMPANIES | INSTITUTIONS,
    "信息披露义务人": COMPANIES, "发行人": {"issuer", "bond_issuer"}, "境内企业": {"overseas_listed", "issuer"},
    "境外上市境内企业": {"overseas_listed", "issuer"}, "公司董事会": COMPANIES | OFFICERS, "监事会": OFFICERS,
    "控股股东": CONTROL, "实际控制人": CONTROL, "主要股东": HOLDERS, "股东": HOLDERS, "请求的股东": HOLDERS, "发起人": HOLDERS,
    "未缴足出资的股东": HOLDERS, "5%以上股东": HOLDERS, "持股达到5%的投资者": HOLDERS, "证券公司股权的违规持有人": HOLDERS,
    "收购人": {"acquirer"}, "转让人": HOLDERS | OFFICERS,
    "北交所上市公司": {"listed_company"}, "北交所上市公司的减持股东": HOLDERS | OFFICERS, "北交所上市公司董事会秘书": OFFICERS,
    "北交所上市公司董监高": OFFICERS, "北交所上市公司股份的受让方": {"acquirer"},
    "重要数据的处理者": HANDLERS, "数据处理者": HANDLERS, "个人信息处理者": HANDLERS, "网络数据处理者": HANDLERS, "网络运营者": HANDLERS,
}
BETWEEN = re.compile("、|；|与|及(?=责任人|从业人员)")


def met(who: str) -> set[str]:
    """Return the subjects whom a fact for `who` meets, all of them when it meets everybody."""
    parts = [MET[part] for part in BETWEEN.split(who)]
    return set().union(*parts) if all(parts) else set(register().subjects)


def test_every_fact_meets_a_kind_of_bearer_that_is_known() -> None:
    told = {code: part for code, fact in register().facts.items() for part in BETWEEN.split(fact.who or "任何单位和个人") if part not in MET}
    assert told == {}
    assert set().union(*MET.values()) <= set(register().subjects)


def test_no_kind_of_bearer_is_kept_that_no_fact_meets() -> None:
    used = {part for fact in register().facts.values() for part in BETWEEN.split(fact.who or "任何单位和个人")}
    assert set(MET) - used == set()


def test_no_obligation_names_a_fact_that_meets_none_of_its_bearers() -> None:
    strangers = {
        (one.id, code): register().facts[code].who
        for _, _, one in located(register()) for code in one.facts
        if (who := register().facts[code].who) and met(who).isdisjoint(one.subjects)
    }
    assert strangers == {}


def test_a_fact_of_the_responsible_persons_alone_needs_no_institution() -> None:
    assert met("有关责任人员") == {"director_officer", "staff", "controlling_shareholder"}
    assert "listed_company" not in met("基金销售机构及责任人") and met("任何单位和个人") == set(register().subjects)
