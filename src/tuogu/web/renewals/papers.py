"""Files of this room, each through the room of exports: the responsibility register, the list of lapsed cars.

In: an order. Out: a plain table. Never: a customer's name or phone; what has left the asker's scope.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tuogu.core.custody import business_date
from tuogu.exports.kinds import BuildRefused, Column, Kind, Order, Table
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.renewals import queries as renewals
from tuogu.web.paging import day_of
from tuogu.web.renewals.lapsed_rows import lapsed_rows, of_month


def _build_register(order: Order) -> Table:
    scope = org.scope_of(order.by, business_date(order.at))
    try:
        found = renewals.register(scope, int(order.query["register"]))
    except renewals.RenewalUnknown as gone:
        raise BuildRefused(_("已不在申请人的范围内")) from gone
    lines = found.lines
    known = org.known_as({one.person for one in lines} | {a.person for one in lines for a in one.amended})
    names = org.institution_names([found.head.institution_code])

    def who(person: int) -> str:
        return f"{known[person].name} {known[person].staff_number}".strip() if person in known else ""

    changed = [
        _("；").join(
            _("%(who)s：%(why)s") % {"who": f"{a.at:%Y-%m-%d} {who(a.person)}", "why": a.reason}
            for a in one.amended
        )
        for one in lines
    ]
    return Table(
        _("续保业务责任清单"),
        (
            Column(_("机构"), [names.get(found.head.institution_code, "")] * len(lines)),
            Column(_("月份"), [f"{found.head.month:%Y-%m}"] * len(lines)),
            Column(_("保单号"), [one.number for one in lines], "number"),
            Column(_("责任人"), [who(one.person) for one in lines]),
            Column(_("客户来源"), [one.source_found for one in lines]),
            Column(_("备案后变更"), changed),
            Column(_("备案日"), [found.head.locked_date] * len(lines)),
            Column(_("封定摘要"), [found.head.digest[:16]] * len(lines)),
        ),
    )


def _build_lapsed(order: Order) -> Table:
    today = business_date(order.at)
    scope, view = org.scope_of(order.by, today), order.query["view"]
    month, expired = (day_of(f"{order.query.get(name, '')}-01") for name in ("month", "expired"))
    found = of_month(lapsed_rows(scope, view, today, month or today), expired)
    if found.is_empty():
        raise BuildRefused(_("清单已空"))
    rows = found.to_dicts()
    known = org.known_as({row["custodian_id"] for row in rows if row["custodian_id"] is not None})
    names = org.institution_names(row["institution_code"] for row in rows)
    true = {None: _("未核实"), True: _("真实"), False: _("不实")}
    ends = {str(code): str(label) for code, label in renewals.Outcome.choices}
    people = [known.get(row["custodian_id"]) for row in rows]
    ended = [row["outcome"] for row in rows]
    return Table(
        _("脱保明细清单"),
        (
            Column(_("机构"), [names.get(row["institution_code"], "") for row in rows]),
            Column(_("保单号"), [row["policy_number"] for row in rows], "number"),
            Column(_("客户号"), [row["holder_number"] for row in rows], "number"),
            Column(_("终保月份"), [f"{row['month']:%Y-%m}" for row in rows]),
            Column(_("终保日期"), [row["expiry_date"] for row in rows]),
            Column(_("脱保天数"), [(today - row["expiry_date"]).days for row in rows]),
            Column(_("责任人"), [f"{one.name} {one.staff_number}".strip() if one else "" for one in people]),
            Column(_("信息是否真实"), [true[row["data_true"]] for row in rows]),
            Column(_("现状"), [_(ends[end]) if end else _("继续挽救") for end in ended]),
        ),
    )


REGISTER = Kind("renewal_register", gettext_noop("续保业务责任清单"), Right.EXPORT, _build_register)
LAPSED = Kind("renewal_lapsed", gettext_noop("脱保明细清单"), Right.EXPORT, _build_lapsed)
