"""What a chance is learned from: the schemas of history, the two targets with their features.

In: nothing. Out: schemas, `Target`s. Never: a personal field: numbers, ids, days and sums only.
"""

from __future__ import annotations

from dataclasses import dataclass

from tuogu.core.tables import B, D, I, S, Schema

LISTED: Schema = {  # a motor policy on the day on which it entered its list: kept as it was then
    "subject_id": I,
    "holder_number": S,
    "listed_date": D,
    "band": S,
    "late": B,
    "institution_code": S,
    "expiry_date": D,
}
MOTOR_THEN: Schema = {  # motor policies as they are now; `CHANGES` takes back what was learned after a day
    "subject_id": I,
    "policy_number": S,
    "holder_number": S,
    "premium_fen": I,
    "channel": S,  # '' = not given
    "fleet_number": S,
    "important": B,
    "previous_number": S,
    "start_date": D,
}
CHANGES: Schema = {"subject_id": I, "field": S, "before": S, "changed_date": D}
ENDS: Schema = {"subject_id": I, "outcome": S, "ended_date": D}
TRUTHS: Schema = {"customer_number": S, "true": B, "marked_date": D}
HEARD: Schema = {  # contacts that got through
    "customer_number": S,
    "happened_date": D,
    "recorded_date": D,
    "corrected_date": D,  # null = stands
}
POLICIES_BOUGHT: Schema = {"customer_number": S, "inception_date": D, "lapse_date": D}  # main policies
RELEASED: Schema = {  # a customer on the day on which a campaign gave it to a department
    "customer_number": S,
    "department_code": S,
    "released_date": D,
    "filled_before": I,
    "fields": I,
}

EXAMPLE: Schema = {  # what every row to learn from or to judge has, before the features of its target
    "key": S,
    "day": D,  # nothing recorded on this day or later may be read
    "settled_date": D,  # from this day on it is known what happened
    "label": B,  # null = not settled, or never to be counted
}
AMOUNT, WORD = "amount", "word"


@dataclass(frozen=True)
class Feature:
    """One thing known on the day. `kind`: an amount that is cut into classes, or a word."""

    key: str
    title: str
    kind: str
    unit: str = ""


@dataclass(frozen=True)
class Target:
    """What the chance is of. `happens`: the words of a row that counts as yes."""

    key: str
    title: str
    happens: str
    features: tuple[Feature, ...]

    @property
    def schema(self) -> Schema:
        """EXAMPLE and the features."""
        return {**EXAMPLE, **{one.key: I if one.kind == AMOUNT else S for one in self.features}}


RENEWAL = Target(
    "renewal", "车险续保", "车险在到期后的规定天数以内续保",
    (
        Feature("band", "入单时距到期", WORD),
        Feature("premium_fen", "保费", AMOUNT, "fen"),
        Feature("channel", "渠道", WORD),
        Feature("branch", "机构", WORD),
        Feature("fleet", "团单", WORD),
        Feature("important", "重要客户", WORD),
        Feature("years", "在本公司投保车险的年数", AMOUNT),
        Feature("renewals", "以前续保的次数", AMOUNT),
        Feature("contacts", "入单前一年联系上的次数", AMOUNT),
        Feature("vehicles", "同一客户其他车险保单", AMOUNT),
        Feature("policies", "同一客户其他主险保单", AMOUNT),
        Feature("data_true", "客户资料是否属实", WORD),
    ),
)  # fmt: skip
REPURCHASE = Target(
    "repurchase", "二次投保", "客户在下发后的规定天数以内又投保主险",
    (
        Feature("department", "部门", WORD),
        Feature("filled_bp", "下发时资料完整度", AMOUNT, "bp"),
        Feature("policies", "下发时已有的主险保单", AMOUNT),
        Feature("years_first", "首次投保至下发的年数", AMOUNT),
        Feature("years_last", "最近一次投保至下发的年数", AMOUNT),
        Feature("lapsed", "下发前失效过的保单", AMOUNT),
        Feature("contacts", "下发前一年联系上的次数", AMOUNT),
        Feature("motor", "有车险保单", WORD),
    ),
)  # fmt: skip
TARGETS = {one.key: one for one in (RENEWAL, REPURCHASE)}
PLACES = ("branch", "department")  # features whose words are codes of institutions
YES, NO, UNKNOWN = "yes", "no", "unknown"
