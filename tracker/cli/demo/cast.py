"""The cast of the demonstration: a listed company, its securities firm, a private fund manager, one outsider, and who is what where."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from ...people import actions
from ...people.access import Viewer
from ...people.actions import EntityFacts, PersonFacts
from ...people.queries import roles_of
from ...words import Role, Via

LISTED, FIRM, FUND, STRANGER = "海川科技", "海川证券", "海川私募", "远山期货"
ENTITIES = (
    (LISTED, "海川科技股份有限公司", ("listed_company", "issuer"), "", "91310000MA1DEMO01X"),
    (FIRM, "海川证券股份有限公司", ("securities_firm", "sponsor", "sales_institution", "financial_adviser"), LISTED, "91310000MA1DEMO02Y"),
    (FUND, "海川私募基金管理有限公司", ("private_fund_manager",), FIRM, "91310000MA1DEMO03Z"),
    (STRANGER, "远山期货有限公司", ("futures_firm",), "", "91310000MA1DEMO04W"),
)
PEOPLE = (
    PersonFacts("admin", "管理员", "信息技术部", "系统管理员", is_admin=True),
    PersonFacts("lin", "林合规", "合规法律部", "合规总监"),
    PersonFacts("wang", "王责任", "财富管理部", "部门负责人"),
    PersonFacts("zhao", "赵复核", "合规法律部", "合规复核岗"),
    PersonFacts("qian", "钱审计", "稽核审计部", "内审经理"),
    PersonFacts("sun", "孙外人", "合规部", "首席风险官"),
    PersonFacts("zhou", "周董秘", "董事会办公室", "董事会秘书"),
    PersonFacts("wu", "吴财务", "财务管理部", "财务总监"),
    PersonFacts("zheng", "郑投行", "投资银行部", "质控负责人"),
    PersonFacts("feng", "冯基金", "基金运营部", "运营负责人"),
    PersonFacts("chen", "陈离任", "财富管理部", "适当性管理岗"),
)
OFFICER, OWNER, REVIEWER, AUDITOR = Role.OFFICER, Role.OWNER, Role.REVIEWER, Role.AUDITOR
GRANTS: dict[str, dict[str, tuple[Role, ...]]] = {
    "lin": {LISTED: (OFFICER,), FIRM: (OFFICER,), FUND: (OFFICER,)},
    "wang": {FIRM: (OWNER,)}, "zhao": {LISTED: (REVIEWER,), FIRM: (REVIEWER,), FUND: (REVIEWER,)}, "qian": {LISTED: (AUDITOR,), FIRM: (AUDITOR,), FUND: (AUDITOR,)},
    "sun": {STRANGER: (OFFICER,)}, "zhou": {LISTED: (OWNER,)}, "wu": {LISTED: (OWNER,), FIRM: (OWNER,)}, "zheng": {FIRM: (OWNER, REVIEWER)}, "feng": {FUND: (OWNER,)}, "chen": {FIRM: (OWNER,)},
}


@dataclass(frozen=True)
class Company:
    """The ids of the cast once they are there."""

    entities: dict[str, int]
    people: dict[str, int]

    def viewer(self, s: Session, login: str) -> Viewer:
        """Return one of the cast as if he had signed in."""
        facts = next(facts for facts in PEOPLE if facts.login == login)
        return Viewer(self.people[login], facts.name, facts.is_admin, roles_of(s, self.people[login]), Via.WEB)


def enter(s: Session, host: Viewer) -> Company:
    """Put entities, people and roles into an empty database."""
    entities: dict[str, int] = {}
    for short, name, kinds, parent, code in ENTITIES:
        entities[short] = actions.create_entity(s, host, EntityFacts(name, short, kinds, code, entities.get(parent))).id
    people = {facts.login: actions.add_person(s, host, facts).id for facts in PEOPLE}
    for login, held in GRANTS.items():
        for short, roles in held.items():
            actions.grant_roles(s, host, people[login], entities[short], roles)
    return Company(entities, people)
