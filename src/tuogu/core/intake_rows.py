"""What one cell cannot tell: rules that compare the columns of a row.

In: a Sheet with parsed columns and the data date. Out: the Sheet with defaults filled and lines added.
Never: a look at another row or another sheet (see intake_keys).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.identity import resident_id
from tuogu.core.intake_facts import compare_facts
from tuogu.core.intake_motor import compare_motor
from tuogu.core.intake_sheet import Sheet, lines

_C = pl.col


def compare_columns(sheet: Sheet, data_date: date, ranks: frozenset[str] | None = None) -> Sheet:
    """Apply the row rules of the sheet's kind; `ranks`: what a fact of rank may say, see `standardise`."""
    if sheet.raw.kind == "facts":
        return compare_facts(sheet, data_date, ranks)
    by_kind = {
        "policies": _policies,
        "customers": _customers,
        "people": _people,
        "institutions": _institutions,
        "coordinates": _coordinates,
        "motor": compare_motor,
    }
    return by_kind[sheet.raw.kind](sheet, data_date)


def _policies(sheet: Sheet, data_date: date) -> Sheet:
    own_number = _C("main_policy_number") == _C("policy_number")
    values = sheet.values.with_columns(
        # Some systems repeat a main policy's own number in this column.
        pl.when(~own_number.fill_null(False)).then(_C("main_policy_number")).alias("main_policy_number")
    )
    guessed = pl.when(_C("main_policy_number").is_null()).then(pl.lit("main")).otherwise(pl.lit("rider"))
    bad_kind = sheet.problems.filter(_C("column") == "kind")["_row"]
    no_kind = _C("kind").is_null() & ~_C("_row").is_in(bad_kind.implode())
    remarks = [lines(values, no_kind, "kind", "kind_from_main_number")]
    values = values.with_columns(
        pl.when(no_kind).then(guessed).otherwise(_C("kind")).alias("kind"),
        pl.when((_C("premium_mode") == "single") & _C("payments_per_year").is_null())
        .then(0)
        .otherwise(_C("payments_per_year"))
        .alias("payments_per_year"),
    )
    single, times = _C("premium_mode") == "single", _C("payments_per_year")
    mismatch = (single & (times > 0)) | (~single & (times == 0))
    main, rider = _C("kind") == "main", _C("kind") == "rider"
    no_main, no_times = _unread(sheet, "main_policy_number"), _unread(sheet, "payments_per_year")
    has_main = _C("main_policy_number").is_not_null()
    problems = [
        lines(values, main & has_main, "main_policy_number", "main_number_on_main"),
        lines(values, rider & no_main, "main_policy_number", "missing_value"),
        lines(values, mismatch, "payments_per_year", "mode_mismatch"),
        lines(values, no_times & ~single, "payments_per_year", "missing_value"),
        lines(values, _C("end_date") < _C("inception_date"), "end_date", "date_order"),
        lines(values, _C("lapse_date") < _C("inception_date"), "lapse_date", "date_order"),
        lines(values, _C("lapse_date") > data_date, "lapse_date", "future_date"),
    ]
    remarks += [
        lines(values, _C("premium_fen") == 0, "premium_fen", "zero_premium"),
        lines(values, _C("inception_date") > data_date, "inception_date", "starts_later"),
        lines(
            values, (_C("state") == "lapsed") & _C("lapse_date").is_null(), "lapse_date", "lapse_date_missing"
        ),
    ]
    return sheet.with_values(values).with_lines(pl.concat(problems), pl.concat(remarks))


def _customers(sheet: Sheet, data_date: date) -> Sheet:
    """ID number against its type, check digit, birth date and sex."""
    values = sheet.values
    read = resident_id(_C("id_number"))
    seen = values.select(
        "_row",
        "id_type",
        "id_number",
        "birth_date",
        "sex",
        shape_ok=read.shape_ok,
        check_ok=read.check_ok,
        full=read.number,
        born=read.birth_date,
        id_sex=read.sex,
        upgraded=read.upgraded,
        resident=(_C("id_type").fill_null("resident_id") == "resident_id") & _C("id_number").is_not_null(),
    )
    wrong_birth = _C("born").is_null() | (_C("born") > data_date)
    good = _C("resident") & _C("shape_ok") & _C("check_ok") & ~wrong_birth
    other = ~_C("resident") & ~_C("id_number").str.contains(r"^[0-9A-Z\p{Han}()\-/.]{3,40}$")
    bad_birth_cell = sheet.problems.filter(_C("column") == "birth_date")["_row"].implode()
    bad_sex_cell = sheet.problems.filter(_C("column") == "sex")["_row"].implode()
    fill_birth = good & _C("birth_date").is_null() & ~_C("_row").is_in(bad_birth_cell)
    fill_sex = good & _C("sex").is_null() & ~_C("_row").is_in(bad_sex_cell)
    problems = [
        lines(seen, _C("resident") & ~_C("shape_ok"), "id_number", "bad_id_number"),
        lines(seen, _C("resident") & _C("shape_ok") & ~_C("check_ok"), "id_number", "bad_id_check_digit"),
        lines(seen, _C("resident") & _C("shape_ok") & wrong_birth, "id_number", "bad_id_birth_date"),
        lines(seen, good & (_C("birth_date") != _C("born")), "birth_date", "birth_id_mismatch"),
        lines(seen, other, "id_number", "bad_identifier"),
        lines(seen, _C("birth_date") > data_date, "birth_date", "future_date"),
    ]
    remarks = [
        lines(seen, good & (_C("sex") != _C("id_sex")), "sex", "sex_id_mismatch"),
        lines(seen, fill_birth, "birth_date", "filled_from_id"),
        lines(seen, fill_sex, "sex", "filled_from_id"),
        lines(seen, good & _C("upgraded"), "id_number", "id_upgraded"),
    ]
    filled = seen.select(
        pl.when(good).then(pl.lit("resident_id")).otherwise(_C("id_type")).alias("id_type"),
        pl.when(good).then(_C("full")).otherwise(_C("id_number")).alias("id_number"),
        pl.when(fill_birth).then(_C("born")).otherwise(_C("birth_date")).alias("birth_date"),
        pl.when(fill_sex).then(_C("id_sex")).otherwise(_C("sex")).alias("sex"),
    )
    return sheet.with_values(values.with_columns(filled)).with_lines(pl.concat(problems), pl.concat(remarks))


def _people(sheet: Sheet, _data_date: date) -> Sheet:
    return sheet.with_lines(
        lines(sheet.values, _C("left_date") < _C("hired_date"), "left_date", "date_order")
    )


def _institutions(sheet: Sheet, _data_date: date) -> Sheet:
    return sheet


def _coordinates(sheet: Sheet, _data_date: date) -> Sheet:
    """One file, one datum: distances across datums are wrong by hundreds of metres, so none is taken."""
    mixed = sheet.values["datum"].drop_nulls().n_unique() > 1
    return sheet.with_lines(
        lines(sheet.values, pl.lit(mixed) & _C("datum").is_not_null(), "datum", "mixed_datum")
    )


def _unread(sheet: Sheet, column: str) -> pl.Expr:
    """True where `column` is empty for no reason already told."""
    told = sheet.problems.filter(_C("column") == column)["_row"].implode()
    return _C(column).is_null() & ~_C("_row").is_in(told)
