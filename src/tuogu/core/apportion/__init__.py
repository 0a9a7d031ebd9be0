"""Shares into whole pieces: nothing lost, nothing made up, every rounding shown.

`quotas` splits a total once (largest remainder, or each share rounded by itself as a printed table does), `top_up` adds
more later so that nobody loses what he has, `waves` cuts quotas into instalments, `tables` rounds a two-way table to
exact margins, `rounding` is the certificate that the first two write. Shares are integers or fractions, never floats.
"""

from tuogu.core.apportion.quotas import as_printed, largest_remainder, printed_difference
from tuogu.core.apportion.rounding import ROUNDING, Apportionment, Weights, exact, rounding_sheet
from tuogu.core.apportion.tables import NoTable, controlled_rounding
from tuogu.core.apportion.top_up import top_up
from tuogu.core.apportion.waves import split_waves

__all__ = [
    "ROUNDING",
    "Apportionment",
    "NoTable",
    "Weights",
    "as_printed",
    "controlled_rounding",
    "exact",
    "largest_remainder",
    "printed_difference",
    "rounding_sheet",
    "split_waves",
    "top_up",
]
