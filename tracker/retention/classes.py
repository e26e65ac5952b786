"""Pure table of retention classes: how long by which law, from when; and the rule of when something ends."""

from __future__ import annotations

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from ..words import Keeping, Word


class Begin(Word):
    """From which day a term runs."""

    FORMED = "formed", "形成之日"
    ENGAGEMENT = "engagement", "业务委托结束之日"
    LIQUIDATION = "liquidation", "基金清算终止之日"
    ACCOUNT = "account", "基金账户销户之日"


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """One class: `months` is the shortest time to keep; `verified` tells whether the law's text was read, else a person must check it."""

    keeping: Keeping
    months: int
    begin: Begin
    law: str
    verified: bool = True

    @property
    def code(self) -> str:
        """Return the stored code."""
        return str(self.keeping)

    @property
    def label(self) -> str:
        """Return what the class is called."""
        return self.keeping.label

    @property
    def term(self) -> str:
        """Say the term in years, or in months below one year."""
        return f"{self.months // 12} 年" if self.months % 12 == 0 else f"{self.months} 个月"

    @property
    def basis(self) -> str:
        """Say the law and article, and whether that was checked."""
        return self.law if self.verified else f"{self.law}（未核验）"

    @property
    def is_entered(self) -> bool:
        """Tell whether no row knows the first day, so that a person has to enter it."""
        return self.begin != Begin.FORMED


GENERAL = RetentionClass(Keeping.GENERAL, 240, Begin.FORMED, "没有查到统一规定，本系统从长按 20 年保存", False)
LOG = RetentionClass(Keeping.NETWORK_LOG, 6, Begin.FORMED, "《网络安全法》第23条")
CLASSES = {one.code: one for one in (
    RetentionClass(Keeping.SECURITIES_FIRM, 240, Begin.FORMED, "《证券法》第137条"),
    RetentionClass(Keeping.FUTURES_FIRM, 240, Begin.FORMED, "《期货和衍生品法》第117条"),
    RetentionClass(Keeping.SUITABILITY, 240, Begin.FORMED, "《证券期货投资者适当性管理办法》第32条", False),
    RetentionClass(Keeping.SETTLEMENT, 240, Begin.FORMED, "《证券法》第153条"),
    RetentionClass(Keeping.FUND_REGISTER, 240, Begin.ACCOUNT, "《证券投资基金法》第102条"),
    GENERAL,
    RetentionClass(Keeping.SERVICE_PAPERS, 120, Begin.ENGAGEMENT, "《证券法》第162条"),
    RetentionClass(Keeping.FUTURES_SERVICE, 120, Begin.FORMED, "《期货和衍生品法》第117条"),
    RetentionClass(Keeping.PRIVATE_FUND, 120, Begin.LIQUIDATION, "《私募投资基金监督管理暂行办法》第26条", False),
    RetentionClass(Keeping.INSIDER_LIST, 120, Begin.FORMED, "北交所上市公司持续监管指引第6号第22条"),
    RetentionClass(Keeping.MONEY_LAUNDERING, 120, Begin.FORMED, "《反洗钱法》第34条"),
    RetentionClass(Keeping.IMPACT_ASSESSMENT, 36, Begin.FORMED, "《个人信息保护法》第56条"),
    LOG,
)}
_SERVICE = dict.fromkeys(("investment_adviser", "sponsor", "auditor", "law_firm", "appraiser", "rating_agency", "financial_adviser"), "service_papers")
# What an entity keeps by what it is; of several the longest, and where nothing is known the general one.
OF_KIND = {
    "securities_firm": "securities_firm", "futures_firm": "futures_firm", "fund_manager": "general", "private_fund_manager": "private_fund",
    "venture_fund": "private_fund", "custodian": "general", "sales_institution": "suitability", **_SERVICE,
}


def default_class(kinds: Collection[str]) -> RetentionClass:
    """Return the longest class that fits an entity of these kinds; of two as long the one whose first day is still to come."""
    fitting = {CLASSES[OF_KIND.get(kind, GENERAL.code)] for kind in kinds} or {GENERAL}
    return max(fitting, key=lambda one: (one.months, one.is_entered, one.code))


def later(day: date, months: int) -> date:
    """Return the day so many months later, the last of its month where there is none of that number."""
    years, month = divmod(day.month - 1 + months, 12)
    year = min(day.year + years, date.max.year)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Term:
    """How long one thing is kept; without `start` the first day is not known yet and nothing may be taken away."""

    kept_as: RetentionClass
    start: date | None

    @property
    def end(self) -> date | None:
        """Return the last day on which it must be there."""
        return None if self.start is None else later(self.start, self.kept_as.months)

    def is_over(self, today: date) -> bool:
        """Tell whether it may be taken away."""
        return self.end is not None and today > self.end

    @property
    def words(self) -> str:
        """Say class, term and basis in one line."""
        return f"“{self.kept_as.label}”，自{self.kept_as.begin.label}起不少于 {self.kept_as.term}，依据：{self.kept_as.basis}"


def why_not(term: Term, today: date, what: str, advice: str) -> str:
    """Say why a thing may not be taken away yet; empty when its term is over."""
    if term.is_over(today):
        return ""
    if term.end is None:
        return f"{what}的保存期限还没有起算：{term.words}。{term.kept_as.begin.label}尚未填写，因此不能处理。{advice}"
    return f"{what}还在保存期限内，期限至 {term.end.isoformat()}：{term.words}。{advice}"
