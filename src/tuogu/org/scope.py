"""Scope: which rows a person may see, as a value. The only row-level rule of the program.

In: institution codes, region prefixes, custodian ids. Out: one immutable value that every `queries.py`
applies to its own columns. Never: a query without a scope. Visible = the policy's managing institution lies
at or below one of `institution_codes` (or its region begins with one of `region_prefixes`), or one of
`custodian_ids` holds it.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scope:
    """What may be seen. An empty scope sees nothing; `all_rows` sees everything, the other fields then
    count not.
    """

    institution_codes: frozenset[str] = frozenset()
    region_prefixes: frozenset[str] = frozenset()
    custodian_ids: frozenset[int] = frozenset()
    all_rows: bool = False
    within: frozenset[str] | None = field(
        default=None, compare=False
    )  # the institutions meant, once looked up

    @classmethod
    def everything(cls) -> Scope:
        """For the machine, the auditor and the command line of the database's owner."""
        return cls(all_rows=True)

    @classmethod
    def nothing(cls) -> Scope:
        """Sees no row."""
        return cls()

    def __or__(self, other: Scope) -> Scope:
        return Scope(
            self.institution_codes | other.institution_codes,
            self.region_prefixes | other.region_prefixes,
            self.custodian_ids | other.custodian_ids,
            self.all_rows or other.all_rows,
            None if self.within is None or other.within is None else self.within | other.within,
        )
