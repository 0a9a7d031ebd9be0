"""What a page calls the holder, the number and the pieces of a plan: custody of policies, the right to develop customers,
supervision of pieces.

In: the name of a strategy. Out: words in the viewer's language. Never: a word for one relation on a plan of another.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tuogu.core.labels import HOLDERS
from tuogu.core.strategies import STRATEGIES, TERRITORY

_NUMBERS: dict[str, Promise] = {"policy": gettext_lazy("保单号"), "customer": gettext_lazy("客户号")}


@dataclass(frozen=True)
class Words:
    """`holder`: who gets what the plan places; `number`: what its subjects are told apart by."""

    holder: str
    number: str


def words_of(strategy: str) -> Words:
    """The words of a way to allocate."""
    chosen = STRATEGIES.get(strategy, TERRITORY)  # jobs asked for before there were strategies name none
    return Words(_(HOLDERS[chosen.relation]), str(_NUMBERS[chosen.subject]))


def counted(n: int, strategy: str) -> str:
    """So many of what the plan places: 12 件, 12 位客户."""
    customers = STRATEGIES.get(strategy, TERRITORY).subject == "customer"
    return (_("%(n)s 位客户") if customers else _("%(n)s 件")) % {"n": f"{n:,}"}
