"""The tables of steps of every kind of case: one screen each, to be read beside the source.

In: nothing. Out: `MACHINES` by name. Never: a rule about days here (deadlines are obligations of the timeline), a step that
moves custody before somebody other than its proposer has agreed.

Parts (`by`): custodian, supervisor, quality (品质管理岗), branch, specialist (保单服务专员), counter, old and new
(hand-over), collector, reviewer, subject (whom it concerns), system (follows from facts).
"""

from __future__ import annotations

from collections.abc import Collection

from tuogu.core.steps import Machine, Step

NEEDS = {
    "signature": "签名",
    "card": "客户服务卡编号",
    "answers": "客户确认的资料",
    "visit": "面访记录",
    "attempt": "联系方式、日期和结果",
    "six_methods": "规定方式各有日期的联系记录",
    "report": "疑难件报告书",
    "feedback": "向分公司的反馈",
    "reason": "理由",
    "revisit": "再访记录",
    "loss_notice": "失效损失的告知",
    "form": "失效保单处理结果及反馈表",
    "payment": "复效凭据",
    "service_record": "服务记录",
    "good_result": "服务结果良好的依据",
    "findings": "调查结论",
    "remedy": "处理结果",
    "paper": "资料",
    "all_papers": "清单所列的全部资料",
    "receipt": "柜面受理凭据",
    "outcome": "办理结果",
    "told": "电话告知记录",
    "delivery": "送达凭据",
    "checklist": "逐项核对的交接清单",
    "facts": "更正后的事实",
}


def _steps(rows: Collection[tuple[str, str, str, str, str, str]], **more: dict[str, str]) -> tuple[Step, ...]:
    """Rows of (from, step, to, label, by, needs); a '|' in `from` lists several states, `more` says not_by and moves."""
    return tuple(
        Step(
            source=source,
            name=name,
            target=target,
            label=label,
            by=by,
            needs=tuple(needs.split()),
            not_by=tuple(more.get("not_by", {}).get(name, "").split()),
            moves=more.get("moves", {}).get(name, ""),
        )
        for sources, name, target, label, by, needs in rows
        for source in sources.split("|")
    )


_SERVING = "assigned|received|carded|queried|confirmed|completed|visited|maintained"
SERVICE = Machine(
    "service", "服务流程", "S1-23", "assigned",
    {"assigned": "待接收", "received": "已接收", "carded": "已建卡", "queried": "资料已查询", "confirmed": "资料已确认",
     "completed": "资料已完善", "visited": "定期回访", "maintained": "管理、维护、开拓", "ended": "保单终止"},
    _steps((
        ("assigned", "receive", "received", "接收保单", "custodian", "signature"),
        ("received", "build_card", "carded", "建立客户服务卡", "custodian", "card"),
        ("received", "take_card", "carded", "接管客户服务卡", "custodian", "card"),
        ("carded", "query", "queried", "查询客户资料", "custodian", ""),
        ("queried", "confirm", "confirmed", "确认客户资料", "custodian", "answers"),
        ("confirmed", "complete", "completed", "完善客户资料", "custodian", ""),
        ("completed|visited", "return_visit", "visited", "客户回访", "custodian", "visit"),
        ("maintained", "return_visit", "maintained", "客户回访", "custodian", "visit"),
        ("visited", "maintain", "maintained", "管理、维护、开拓", "custodian", ""),
        ("completed|visited|maintained", "data_changed", "queried", "资料有变，重新核对", "custodian", "reason"),
        ("received|carded|queried|confirmed|completed|visited|maintained", "moved", "assigned", "换人服务", "system", ""),
        (_SERVING, "end", "ended", "保单终止", "system", ""),
    )), frozenset({"ended"}), NEEDS,
)  # fmt: skip

DIFFICULT = Machine(
    "difficult", "疑难件", "S1-31", "searching",
    {"searching": "查找中", "reported": "已报告，待品质确认", "confirmed": "疑难件，由保全组保管",
     "found": "已联系上，转正常件", "ended": "保单终止"},
    _steps((
        ("searching", "attempt", "searching", "登记一次联系", "custodian", "attempt"),
        ("confirmed", "attempt", "confirmed", "登记一次联系", "custodian", "attempt"),
        ("searching", "report", "reported", "递交疑难件报告书", "custodian", "six_methods report"),
        ("reported", "confirm", "confirmed", "品质确认", "quality", ""),
        ("reported", "return", "searching", "品质退回", "quality", "reason"),
        ("searching|reported|confirmed", "reach", "found", "已联系上客户", "custodian", "attempt"),
        ("searching|reported|confirmed", "end", "ended", "保单终止", "system", ""),
    ), not_by={"confirm": "report"}, moves={"confirm": "buffer"}), frozenset({"found", "ended"}), NEEDS,
)  # fmt: skip

HARD = Machine(
    "hard", "困难件", "S4-10", "unreached",
    {"unreached": "联系不到客户", "reported": "已反馈分公司", "specialist": "由保单服务专员服务",
     "found": "已联系上，转正常件", "ended": "保单终止"},
    _steps((
        ("unreached", "report", "reported", "反馈分公司", "custodian", "feedback"),
        ("reported", "confirm", "specialist", "分公司确认", "branch", ""),
        ("reported", "return", "unreached", "分公司退回", "branch", "reason"),
        ("unreached|reported", "reach", "found", "已联系上客户", "custodian", "attempt"),
        ("unreached|reported", "end", "ended", "保单终止", "system", ""),
    ), not_by={"confirm": "report"}, moves={"confirm": "specialist"}), frozenset({"specialist", "found", "ended"}), NEEDS,
)  # fmt: skip

LAPSED = Machine(
    "lapsed", "失效件", "S1-30", "listed",
    {"listed": "待签收", "received": "已签收", "visited": "已上门", "revisited": "已再访", "noticed": "已告知损失",
     "reinstated_filed": "复效反馈表待审核", "lost_filed": "未复效反馈表待审核", "reinstated": "复效，计入",
     "closed": "未复效，归档", "ended": "保单终止"},
    _steps((
        ("listed", "receive", "received", "签收", "custodian", "signature"),
        ("received", "visit", "visited", "上门回访", "custodian", "visit"),
        ("visited|revisited", "revisit", "revisited", "定期再访", "custodian", "revisit"),
        ("noticed", "revisit", "noticed", "定期再访", "custodian", "revisit"),
        ("visited|revisited", "notice", "noticed", "告知失效损失", "custodian", "loss_notice"),
        ("visited|revisited|noticed", "file_reinstated", "reinstated_filed", "递交反馈表（已复效）", "custodian",
         "form visit payment"),
        ("noticed", "file_lost", "lost_filed", "递交反馈表（未复效）", "custodian", "form visit revisit loss_notice"),
        ("reinstated_filed", "approve", "reinstated", "品质审核通过", "quality", ""),
        ("lost_filed", "approve", "closed", "品质审核通过", "quality", ""),
        ("reinstated_filed", "return", "visited", "品质退回", "quality", "reason"),
        ("lost_filed", "return", "noticed", "品质退回", "quality", "reason"),
        ("listed|received|visited|revisited|noticed|reinstated_filed|lost_filed", "end", "ended", "保单终止", "system", ""),
    ), not_by={"approve": "file_reinstated file_lost"}), frozenset({"reinstated", "closed", "ended"}), NEEDS,
)  # fmt: skip

DISPATCHED = Machine(
    "dispatched", "外派件", "S4-10", "asked",
    {"asked": "已委托", "accepted": "已接受", "served": "已服务", "proposed": "提议划归收展员",
     "transferred": "已划归收展员", "kept": "不划归，责任人不变", "done": "单次服务办结",
     "declined": "未接受", "recalled": "已收回委托"},
    _steps((
        ("asked", "accept", "accepted", "接受委托", "collector", ""),
        ("asked", "decline", "declined", "不接受", "collector", "reason"),
        ("accepted|served", "serve", "served", "登记服务", "collector", "service_record"),
        ("served", "propose", "proposed", "提议划归", "specialist", "good_result"),
        ("served", "finish", "done", "单次服务办结", "specialist", ""),
        ("proposed", "approve", "transferred", "批准划归", "branch", ""),
        ("proposed", "refuse", "kept", "不批准划归", "branch", "reason"),
        ("asked|accepted|proposed", "recall", "recalled", "收回委托", "specialist", "reason"),
    ), not_by={"approve": "propose serve"}, moves={"approve": "collector"}),
    frozenset({"transferred", "kept", "done", "declined", "recalled"}), NEEDS,
)  # fmt: skip

PROBLEM = Machine(
    "problem", "问题件", "S4-03", "registered",
    {"registered": "已登记", "investigating": "调查中", "proven": "已查实", "settled": "已处理，可重新分配",
     "unfounded": "未查实，可重新分配", "ended": "保单终止"},
    _steps((
        ("registered", "start", "investigating", "开始调查", "quality", ""),
        ("investigating", "prove", "proven", "查实", "quality", "findings"),
        ("investigating", "refute", "unfounded", "未查实", "quality", "findings"),
        ("proven", "settle", "settled", "处理完毕", "branch", "remedy"),
        ("proven", "return", "investigating", "退回补充调查", "branch", "reason"),
        ("registered|investigating|proven", "end", "ended", "保单终止", "system", ""),
    ), not_by={"settle": "prove"}), frozenset({"settled", "unfounded", "ended"}), NEEDS,
)  # fmt: skip

PAPERS = Machine(
    "papers", "保全协办", "S4-35", "collecting",
    {"collecting": "收集资料", "complete": "资料齐全", "submitted": "柜面已受理", "decided": "已有结果",
     "told": "已告知客户", "delivered": "已送达", "withdrawn": "客户撤回"},
    _steps((
        ("collecting", "add", "collecting", "收到一项资料", "custodian", "paper"),
        ("collecting|complete", "take_back", "collecting", "退还一项资料", "custodian", "paper"),
        ("collecting", "complete", "complete", "资料收齐", "custodian", "all_papers"),
        ("complete", "submit", "submitted", "提交柜面", "custodian", "all_papers receipt"),
        ("submitted", "return", "collecting", "柜面退回补正", "counter", "reason"),
        ("submitted", "decide", "decided", "登记办理结果", "counter", "outcome"),
        ("decided", "tell", "told", "电话告知客户", "custodian", "told"),
        ("told", "deliver", "delivered", "送达资料", "custodian", "delivery"),
        ("collecting|complete|submitted", "withdraw", "withdrawn", "客户撤回", "custodian", "reason"),
    )), frozenset({"delivered", "withdrawn"}), NEEDS,
)  # fmt: skip

HAND_OVER = Machine(
    "hand_over", "工作交接", "S4-34", "listed",
    {"listed": "清单已列", "old_signed": "原任已签", "new_signed": "新任已签", "done": "交接完成", "cancelled": "已取消"},
    _steps((
        ("listed", "old_signs", "old_signed", "原任签名", "old", "checklist signature"),
        ("listed", "sign_for_old", "old_signed", "主管代原任签名", "supervisor", "checklist signature reason"),
        ("old_signed", "new_signs", "new_signed", "新任签名", "new", "signature"),
        ("old_signed", "object", "listed", "新任提出缺项", "new", "reason"),
        ("new_signed", "finish", "done", "移交在办任务", "system", ""),
        ("listed|old_signed", "cancel", "cancelled", "取消", "supervisor", "reason"),
    ), not_by={"new_signs": "old_signs sign_for_old"}), frozenset({"done", "cancelled"}), NEEDS,
)  # fmt: skip

PENALTY = Machine(
    "penalty", "处罚", "N-14", "computed",
    {"computed": "已计算", "notified": "已告知", "appealed": "申诉中", "upheld": "维持", "final": "生效",
     "reversed": "已撤销"},
    _steps((
        ("computed", "notify", "notified", "告知本人", "reviewer", ""),
        ("notified", "appeal", "appealed", "申诉", "subject", "reason"),
        ("notified", "expire", "final", "申诉期满", "system", ""),
        ("appealed", "uphold", "upheld", "维持", "branch", "reason"),
        ("appealed", "reverse", "reversed", "撤销", "branch", "reason"),
        ("computed|notified|appealed|upheld|final", "void", "reversed", "事实更正，撤销", "system", "facts"),
    ), not_by={"uphold": "notify appeal", "reverse": "appeal"}), frozenset({"upheld", "final", "reversed"}), NEEDS,
)  # fmt: skip

MACHINES = {
    machine.name: machine
    for machine in (SERVICE, DIFFICULT, HARD, LAPSED, DISPATCHED, PROBLEM, PAPERS, HAND_OVER, PENALTY)
}
