"""Rules of the sheet of motor policies (车险): what a row must hold together, and what it may speak of (S3-01).

In: the sheet with its columns parsed; keys of the other sheets. Out: the same with lines about what is wrong. Never: a
policy without a vehicle, without a known holder or branch; a seller taken for known who is in no list of people.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from tuogu.core.intake_keys import refer
from tuogu.core.intake_sheet import Sheet, lines

_C = pl.col


def compare_motor(sheet: Sheet, data_date: date) -> Sheet:
    """What the columns of one row say of each other."""
    values = sheet.values.with_columns(_C("important").fill_null(False))
    told = sheet.problems.filter(_C("column").is_in(["plate_number", "frame_number"]))["_row"].implode()
    nothing = _C("plate_number").is_null() & _C("frame_number").is_null() & ~_C("_row").is_in(told)
    problems = [
        lines(values, nothing, "plate_number", "no_vehicle"),
        lines(values, _C("expiry_date") < _C("start_date"), "expiry_date", "date_order"),
        lines(values, _C("previous_number") == _C("policy_number"), "previous_number", "own_previous"),
    ]
    remarks = [
        lines(values, _C("premium_fen") == 0, "premium_fen", "zero_premium"),
        lines(values, _C("start_date") > data_date, "start_date", "starts_later"),
    ]
    return sheet.with_values(values).with_lines(pl.concat(problems), pl.concat(remarks))


def judge_motor(sheet: Sheet, customers: Sheet | None, keys: Mapping[str, pl.Series | None]) -> Sheet:
    """Holder and branch must be known; seller and entrant are told where they are not."""
    holders, institutions, people = keys["customers"], keys["institutions"], keys["people"]
    if holders is not None:
        turned_back = None if customers is None else customers.values["customer_number"]
        sheet = refer(
            sheet,
            "holder_number",
            holders,
            "unknown_holder",
            rejected_targets=turned_back,
            rejected="holder_rejected",
        )
    if institutions is not None:
        sheet = refer(sheet, "institution_code", institutions, "unknown_institution")
    if people is not None:
        sheet = refer(sheet, "agent_number", people, "unknown_agent", remark=True)
        sheet = refer(sheet, "entrant_number", people, "unknown_entrant", remark=True)
    return sheet
