"""One total split once by shares: largest remainder (S2-06), or each share rounded by itself as a printed table does.

In: a total and a weight for each key. Out: whole counts with their certificate. Never: a count further than one piece
from its exact quota, a piece lost (largest remainder: sum = total), a piece made up (as printed: refused instead).
"""

from __future__ import annotations

from fractions import Fraction

from tuogu.core.apportion.rounding import Apportionment, Line, Weights, certificate, checked, exact, ranks

HALF = Fraction(1, 2)


def largest_remainder(total: int, weights: Weights, *, seed: int = 0) -> Apportionment:
    """Everyone the whole part of the quota; the pieces left go to the largest remainders.  # S2-06, N-11

    Equal remainders: the larger weight first, then the keyed hash of the key.
    """
    keys, shares = checked(total, weights)
    quotas = [total * share for share in shares]
    floors = [quota.numerator // quota.denominator for quota in quotas]
    remainders = [quota - floor for quota, floor in zip(quotas, floors, strict=True)]
    extras = total - sum(floors)
    hashed = ranks(keys, seed)
    order = sorted(range(len(keys)), key=lambda i: (-remainders[i], -shares[i], hashed[i]))
    place = {i: position for position, i in enumerate(order, start=1)}
    cut = remainders[order[extras - 1]] if extras else None  # the last remainder that is served
    next_in_line = remainders[
        order[extras]
    ]  # there is one: remainders below 1 never add up to one piece each
    tied = cut == next_in_line

    lines = []
    for i, key in enumerate(keys):
        extra, tie = place[i] <= extras, tied and remainders[i] == cut
        count = floors[i] + extra
        notes = [_note(remainders[i], place[i], extras, tie=tie), _unlike_printed(quotas[i], count)]
        note = "；".join(filter(None, notes))
        lines.append(Line(key, shares[i], quotas[i], count, extra, tie, note))
    return Apportionment({line.key: line.count for line in lines}, 0, certificate(lines))


def _note(remainder: Fraction, place: int, extras: int, *, tie: bool) -> str:
    if place > extras:
        return f"余数 {exact(remainder)} 与末位并列，占比较小或散列在后，未得" if tie else ""
    which = "最后 1 件" if place == extras else f"第 {place} 件"
    why = f"余数 {exact(remainder)} 居第 {place} 位"
    return f"得尾数{which}：{why}" + ("，与人并列，占比大者先，再按散列" if tie else "")


def _unlike_printed(quota: Fraction, count: int) -> str:
    printed = half_up(quota)
    return f"单独四舍五入为 {printed}，与此差 {abs(count - printed)} 件" if printed != count else ""


def as_printed(total: int, weights: Weights) -> Apportionment:
    """Each quota rounded half up by itself; what the roundings leave over stays in the pool.  # A-17

    ValueError where the roundings together would hand out more than there is (5 pieces at 50/50).
    """
    keys, shares = checked(total, weights)
    lines = []
    for key, share in zip(keys, shares, strict=True):
        quota = total * share
        count = half_up(quota)
        extra = count > quota
        note = f"{exact(quota)} 四舍五入为 {count}" if count != quota else ""
        lines.append(Line(key, share, quota, count, extra, False, note))
    given = sum(line.count for line in lines)
    if given > total:
        raise ValueError(
            f"各自四舍五入合计 {given} 件，比总数 {total} 件多 {given - total} 件，不能照此分配；请改用最大余数法"
        )
    return Apportionment({line.key: line.count for line in lines}, total - given, certificate(lines))


def printed_difference(total: int, weights: Weights, *, seed: int = 0) -> str:
    """How rounding each quota by itself would miss the total, as one sentence; '' where it would not.  # S2-06"""
    keys, shares = checked(total, weights)
    printed = {key: half_up(total * share) for key, share in zip(keys, shares, strict=True)}
    missed = total - sum(printed.values())
    if not missed:
        return ""
    counts = largest_remainder(total, weights, seed=seed).counts
    changed = [f"{key} {printed[key]} → {counts[key]}" for key in keys if printed[key] != counts[key]]
    word = "少" if missed > 0 else "多"
    return (
        f"各自四舍五入合计 {total - missed} 件，比总数{word} {abs(missed)} 件；"
        f"最大余数法：{'、'.join(changed)}，合计 {total} 件"
    )


def half_up(value: Fraction) -> int:
    """The nearest whole number, halves upwards."""
    raised = value + HALF
    return raised.numerator // raised.denominator
