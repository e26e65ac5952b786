"""What the demonstration group has filled in for its three lists: a business, a process and a post for some fields of work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Filled:
    """The fields of one domain, and how many of its obligations have them."""

    domain: str
    number: int
    fields: dict[str, str]


FILLED = (
    Filled("suitability", 5, {
        "business": "财富管理", "sub_business": "金融产品销售", "lead_department": "财富管理部", "support_departments": "合规法律部、信息技术部",
        "measure": "系统拦截超出风险承受能力的申购；例外须营业部负责人与合规专员双人复核；每月抽查不少于三十笔，问题当月整改。",
        "post_name": "客户经理", "policy": "《投资者适当性管理实施细则》", "main_process": "产品销售管理", "sub_process": "适当性匹配", "process_no": "CF-03-02",
        "review_points": "测评问卷、匹配意见与双录是否齐备，测评是否在有效期内。", "supervision": "抽样复听双录，核对系统拦截日志与特批记录。",
        "bottom_line": "不向不匹配的普通投资者主动推介。",
    }),
    Filled("due_diligence", 4, {
        "business": "投资银行", "sub_business": "保荐承销", "lead_department": "投资银行部", "support_departments": "质量控制部、内核部",
        "measure": "底稿按清单归集，异常事项单独出具核查意见，质控现场复核后提交内核。", "post_name": "项目负责人", "policy": "《投资银行业务尽职调查工作规程》",
        "main_process": "承销保荐", "sub_process": "尽职调查", "process_no": "IB-02-01", "bottom_line": "不为未经核查的事项出具结论。",
    }),
    Filled("market_conduct", 3, {
        "business": "自营与资管", "lead_department": "风险管理部", "measure": "异常申报与对倒预警当日处置，原因与处置意见留痕。", "post_name": "交易监控岗",
        "main_process": "交易监控", "process_no": "TR-01-03",
    }),
)
