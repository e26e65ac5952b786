"""The domain's words: a stored English code and a compulsory Chinese label for each."""

from __future__ import annotations

from enum import StrEnum


class Word(StrEnum):
    """A stored code with the label that people read."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Word:
        """Keep the code as the value and the label beside it."""
        word = str.__new__(cls, code)
        word._value_ = code
        word.label = label
        return word

    def __str__(self) -> str:
        """Return the stored code, never the Python name."""
        return str(self.value)


class Modality(Word):
    """What kind of sentence it is; an exposure or a right is never a duty."""

    MUST = "must", "应当"
    MUST_NOT = "must_not", "不得"
    EXPOSURE = "exposure", "风险敞口"
    RIGHT = "right", "权利"


class Basis(Word):
    """Whether the text says it to the bearer in so many words."""

    STATED = "stated", "明示"
    IMPLIED = "implied", "推定"


class SentenceClass(Word):
    """What a sentence of an official text holds for a company: the strongest thing in it."""

    OBLIGATION = "obligation", "义务"
    EXPOSURE = "exposure", "风险敞口"
    RIGHT = "right", "权利"
    AUTHORITY = "authority", "机关事项"
    PREAMBLE = "preamble", "背景导语"


class Kinship(Word):
    """How an obligation of one text stands to one of another."""

    SAME = "same", "内容相同"
    EXTENDED = "extended", "延续并扩展"
    RELATED = "related", "相互关联"


class Severity(Word):
    """How much hangs on it, as judged by this project."""

    HIGH = "high", "高"
    MEDIUM = "medium", "中"
    LOW = "low", "低"


class Cadence(Word):
    """How often it is to be shown that it is met; a suggestion of this project."""

    ONCE = "once", "一次性"
    EVENT = "event", "事件触发"
    CONTINUOUS = "continuous", "持续履行"
    MONTHLY = "monthly", "每月"
    QUARTERLY = "quarterly", "每季度"
    SEMIANNUAL = "semiannual", "每半年"
    ANNUAL = "annual", "每年"


class Consequence(Word):
    """What kind of consequence a breach can have."""

    CIVIL = "civil", "民事责任"
    ADMINISTRATIVE = "administrative", "行政处罚"
    CRIMINAL = "criminal", "刑事责任"
    SELF_REGULATORY = "self_regulatory", "自律措施"
    CREDIT = "credit", "诚信记录"
    MARKET_EXIT = "market_exit", "市场退出"
    REPUTATIONAL = "reputational", "声誉损失"


class LawBasis(Word):
    """How far a statutory reference was checked."""

    FULL_TEXT = "full_text", "已核原文"
    EXCERPT = "excerpt", "已核摘录"
    UNVERIFIED = "unverified", "未核验"


class FactKind(Word):
    """What kind of statutory fact stands beside an obligation."""

    PENALTY = "penalty", "法定处罚"
    RETENTION = "retention", "保存期限"
    DEADLINE = "deadline", "报告与办理期限"
    RECURRING = "recurring", "定期事项"


class TextKind(Word):
    """In what kind of file an official text was imported."""

    TXT = "txt", "纯文本"
    DOCX = "docx", "Word 文档"
    PDF = "pdf", "PDF 文档"


class Role(Word):
    """What a person is in one entity."""

    OFFICER = "officer", "合规管理"
    OWNER = "owner", "责任人"
    REVIEWER = "reviewer", "复核人"
    AUDITOR = "auditor", "审计"


class ScopeState(Word):
    """Whether an obligation binds an entity, as decided by its officer."""

    APPLIES = "applies", "适用"
    NOT_APPLICABLE = "not_applicable", "不适用"


class Standing(Word):
    """How an obligation stands with an entity: decided, or still only suggested by the entity's kinds."""

    APPLIES = "applies", "适用"
    NOT_APPLICABLE = "not_applicable", "不适用"
    SUGGESTED = "suggested", "待确认 · 建议适用"
    SUGGESTED_NOT = "suggested_not", "待确认 · 建议不适用"


class TaskState(Word):
    """Where one task stands."""

    NOT_STARTED = "not_started", "未开始"
    IN_PROGRESS = "in_progress", "进行中"
    SUBMITTED = "submitted", "待复核"
    RETURNED = "returned", "已退回"
    DONE = "done", "已完成"
    CANCELLED = "cancelled", "已取消"


class Outcome(Word):
    """What a reviewer decided on a submission."""

    ACCEPTED = "accepted", "接受"
    RETURNED = "returned", "退回"


class ListKind(Word):
    """What kind of list comes back from Excel."""

    ASSIGNMENTS = "assignments", "分派"
    TASKS = "tasks", "任务"
    CONTROLS = "controls", "管控信息"
    SCOPE = "scope", "适用性"
    EVIDENCE = "evidence", "证据"
    WORKBOOK = "workbook", "多张表"


class ExportKind(Word):
    """What is made when something is exported."""

    WORKBOOK = "workbook", "审计工作簿"
    PACKAGE = "package", "审计包"


class JobState(Word):
    """Where an export stands that was asked for."""

    QUEUED = "queued", "等待中"
    RUNNING = "running", "生成中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"
    CANCELLED = "cancelled", "已取消"


class Via(Word):
    """Through which door somebody came."""

    WEB = "web", "网页"
    CLI = "cli", "命令行"
    API = "api", "接口"
    SYSTEM = "system", "系统"


class RetentionAct(Word):
    """What is taken away for good once two people say so."""

    DESTROY = "destroy", "销毁到期证据"
    REDACT = "redact", "删除留痕中的个人信息"
    REDACT_PERSON = "redact_person", "删除人员的个人信息"


class RequestState(Word):
    """Where such a request stands."""

    WAITING = "waiting", "待另一人决定"
    DONE = "done", "已批准并执行"
    REFUSED = "refused", "未批准"


class HoldKind(Word):
    """What a legal hold is placed on."""

    ENTITY = "entity", "整个主体"
    OBLIGATION = "obligation", "一项义务的证据"
    EVIDENCE = "evidence", "一份证据"
    PERSON = "person", "一名人员"


class Keeping(Word):
    """As what something is kept: the retention classes by name; their terms stand in the room of retention."""

    GENERAL = "general", "一般合规资料"
    NETWORK_LOG = "network_log", "网络日志（登录、访问记录）"
    SECURITIES_FIRM = "securities_firm", "证券公司业务资料"
    FUTURES_FIRM = "futures_firm", "期货经营机构业务资料"
    SUITABILITY = "suitability", "投资者适当性资料"
    SETTLEMENT = "settlement", "登记结算原始凭证"
    FUND_REGISTER = "fund_register", "基金份额登记数据"
    SERVICE_PAPERS = "service_papers", "证券服务机构工作底稿"
    FUTURES_SERVICE = "futures_service", "期货服务机构资料"
    PRIVATE_FUND = "private_fund", "私募基金投资记录"
    INSIDER_LIST = "insider_list", "内幕信息知情人档案"
    MONEY_LAUNDERING = "money_laundering", "反洗钱客户身份、交易记录"
    IMPACT_ASSESSMENT = "impact_assessment", "个人信息保护影响评估报告"


class SealState(Word):
    """Why a personal value of the trail is not given out."""

    SEALED = "sealed", "已封存"
    REDACTED = "redacted", "已依法删除"
