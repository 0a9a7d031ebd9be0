"""The customer's own consent to a place, a photo, a signature, given in the step of the record (L-11).

In: a record and what the customer agreed to. Out: statements filed through `privacy`. Never: one filed twice for the same
record, one that outranks a later refusal (it counts from the moment of the record).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tuogu.core.custody import business_date
from tuogu.privacy import actions as privacy_actions
from tuogu.privacy import queries as privacy
from tuogu.privacy.kinds import SENSITIVE, Source
from tuogu.privacy.kinds import Said as Statement
from tuogu.work.said import Said


@dataclass(frozen=True)
class Agreed:
    """Purposes (values of privacy.kinds.SENSITIVE) and the version of the words that were read out."""

    purposes: frozenset[str]
    text_version: str


def agree(said: Said, agreed: Agreed, *, by: int, at: datetime) -> None:
    """File what is not known yet, inside the caller's transaction; the caller has made sure whose customer it is."""
    asked = [purpose for purpose in SENSITIVE if purpose.value in agreed.purposes]
    if not asked:
        return
    filed = {row.purpose for row in privacy.history(said.customer) if row.source_ref == said.client_key}
    for purpose in asked:
        if purpose.value in filed or privacy.may_use(said.customer, purpose, business_date(at)).allowed:
            continue
        privacy_actions.record_consent(
            said.customer, purpose=purpose, said=Statement.GIVEN, source=Source.DOOR, text_version=agreed.text_version,
            source_ref=said.client_key, said_at=min(said.happened_at, at), by=by, at=at,
        )  # fmt: skip
