"""How much of an earlier plan a new one leaves in place (S0-28): what may change hands, and what did.

In: a Setting, the earlier plan, assignments. Out: what the month repair pays and may; figures for the certificate. Never: a
policy counted that only one of the two plans assigns; a share above the cap that no limit names.

The cap (`territory.changed_hands_max_pct`) is ours and the month band is the rule's: where both cannot hold the cap yields,
and `changed_hands_cap` stands among the limits. What its manager's leaving forces counts as changed as well.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Certificate, Plan
from tuogu.core.territory.hand_over import CAP_LIMIT, Hold
from tuogu.core.territory.instance import Ints
from tuogu.core.territory.setting import Setting

_NO_CAP = 100  # percent: everything may change hands


def hold(setting: Setting, kept: Ints, earlier: Plan, rulebook: Rulebook) -> Hold | None:
    """Price and cap of a policy that leaves a manager who still serves; None = neither. `kept` (u,): -1 = unit without one.

    The cap is what the leavers' policies leave of the allowed share; a policy new in an old unit counts like the others.
    """
    share, price_m = rulebook["territory.changed_hands_max_pct"], rulebook["territory.stability_m"]
    if share >= _NO_CAP and price_m == 0:
        return None
    both = setting.members.join(earlier.assignments.select("policy_number"), on="policy_number", how="semi")
    forced = int((kept[both["row"].to_numpy()] < 0).sum())
    most = None if share >= _NO_CAP else max(0, len(both) * share // 100 - forced)
    return Hold(kept >= 0, price_m, most)


def with_changes(
    proof: Certificate, assigned: pl.DataFrame, earlier: Plan, rulebook: Rulebook, staff: pl.Series
) -> Certificate:
    """`proof` with what changed hands against `earlier`: count, share, and how many of them because somebody left."""
    before = earlier.assignments.select("policy_number", before="staff_number")
    both = assigned.join(before, on="policy_number")
    changed = both.filter(pl.col("before") != pl.col("staff_number"))
    forced = changed.filter(~pl.col("before").is_in(staff.implode()))
    figures = {
        "changed_hands": float(len(changed)),
        "changed_hands_share": round(len(changed) / len(both), 6) if len(both) else 0.0,
        "changed_hands_forced": float(len(forced)),
    }
    over = len(changed) * 100 > rulebook["territory.changed_hands_max_pct"] * len(both)
    limits = {*proof.limits_hit, CAP_LIMIT} if over else {*proof.limits_hit} - {CAP_LIMIT}
    return replace(proof, figures=(*proof.figures, *figures.items()), limits_hit=tuple(sorted(limits)))
