"""More pieces for keys that already hold some: Webster's method, continued from what has been given.

In: what each holds, how many more, a weight for each key. Out: what each holds afterwards. Never: a key that loses a
piece, a result that depends on whether the pieces came at once or in parts.

The next piece goes to the largest weight / (2 held + 1). Like every divisor method, Webster's may leave the quota rule
(a count within one piece of its quota); largest remainder keeps it, but more pieces can then cost somebody one. So:
largest remainder for a split made once, this for whatever is added later.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from fractions import Fraction

from tuogu.core.apportion.rounding import Apportionment, Line, Weights, certificate, checked, ranks


def top_up(given: Mapping[str, int], more: int, weights: Weights, *, seed: int = 0) -> Apportionment:
    """`counts` is what each key holds afterwards, what was given counted; the certificate says what was new.

    Quota and remainder of the certificate are of the whole (given + more) by the shares. Equal claims: the larger
    weight first, then the keyed hash. A key that only `given` names has weight 0 and keeps what it holds.
    """
    keys, shares = checked(more, {**dict.fromkeys(given, 0), **weights})
    held = [given.get(key, 0) for key in keys]
    for key, count in zip(keys, held, strict=True):
        if count < 0:
            raise ValueError(f"{key} 已有件数不能为负：{count}")
    hashed = ranks(keys, seed)
    total = sum(held) + more
    counts, rest = _settled_by_all(held, shares, total)
    queue = [(_claim(counts[i], share), -share, hashed[i], i) for i, share in enumerate(shares) if share]
    heapq.heapify(queue)
    served = []
    for _ in range(rest):
        claim, weight, rank, i = queue[0]
        served.append((claim, i))
        counts[i] += 1
        heapq.heapreplace(queue, (_claim(counts[i], shares[i]), weight, rank, i))
    last = served[-1][0] if served else None
    tied = set()
    if served and queue[0][0] == last:  # the next in line has the same claim as the last that was served
        equal = [*served, *((claim, i) for claim, _weight, _rank, i in queue)]
        tied = {i for claim, i in equal if claim == last}

    lines = []
    for i, key in enumerate(keys):
        quota = total * shares[i]
        new = counts[i] - held[i]
        tie = "，最后一件并列，占比大者先，再按散列" if i in tied else ""
        note = f"已有 {held[i]} 件，新得 {new} 件{tie}"
        lines.append(Line(key, shares[i], quota, counts[i], counts[i] > quota, i in tied, note))
    return Apportionment({line.key: line.count for line in lines}, 0, certificate(lines))


def _claim(count: int, share: Fraction) -> Fraction:
    """Where on the common scale the next piece stands: the smaller, the earlier."""
    return Fraction(2 * count + 1) / share


def _settled_by_all(held: list[int], shares: list[Fraction], total: int) -> tuple[list[int], int]:
    """Counts at the highest whole level that does not exceed `total`, and how many pieces are still to come.

    At level t everyone holds the pieces whose claim is at most 2t; these all come before any other, so the queue
    need only decide the few that are left.
    """
    low, high = 0, total + len(held)  # by then rounding alone hands out more than `total`
    while low < high:
        middle = (low + high + 1) // 2
        if sum(_at_level(held, shares, middle)) <= total:
            low = middle
        else:
            high = middle - 1
    counts = _at_level(held, shares, low)
    return counts, total - sum(counts)


def _at_level(held: list[int], shares: list[Fraction], level: int) -> list[int]:
    pairs = zip(held, shares, strict=True)
    return [max(count, (2 * level * share + 1) // 2) for count, share in pairs]
