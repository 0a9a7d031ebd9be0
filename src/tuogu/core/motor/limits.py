"""The numbers of motor renewal as one version of the rulebook gives them.

In: a rulebook. Out: Limits, one field a key of [renewal] that the clock and the lists need. Never: a number of our own.
"""

from __future__ import annotations

from dataclasses import dataclass

from tuogu.core.rulebook import Rulebook


@dataclass(frozen=True)
class Limits:
    """Fields are called as the keys are; None = the source leaves it open and nobody has set it."""

    band_days: tuple[int, ...]
    list_from_days: int
    list_late_below_days: int
    list_month_day: int
    list_expired_days: int
    claim_days: int
    city_claim_days: int
    successor_days: int
    register_month_day: int
    own_contacts_min: int
    sms_before_days: int
    own_contact_before_days: int
    own_contact_due_before_days: int
    call_all_before_days: int
    urge_before_days: int
    urge_answer_days: int
    second_round_before_days: int
    second_claim_hours: int
    important_premium_fen: int | None
    fleet_vehicles: int | None
    owner_for_life: bool
    owner_void_when_untrue: bool
    lapsed_list_every_months: int
    early_holidays: tuple[str, ...]

    @classmethod
    def of(cls, rulebook: Rulebook) -> Limits:
        """What this version says."""
        return cls(
            band_days=tuple(rulebook["renewal.band_days"]),
            list_from_days=int(rulebook["renewal.list_from_days"]),
            list_late_below_days=int(rulebook["renewal.list_late_below_days"]),
            list_month_day=int(rulebook["renewal.list_month_day"]),
            list_expired_days=int(rulebook["renewal.list_expired_days"]),
            city_claim_days=int(rulebook["renewal.city_claim_days"]),
            successor_days=int(rulebook["renewal.successor_days"]),
            claim_days=int(rulebook["renewal.claim_days"]),
            register_month_day=int(rulebook["renewal.register_month_day"]),
            own_contacts_min=int(rulebook["renewal.own_contacts_min"]),
            sms_before_days=int(rulebook["renewal.sms_before_days"]),
            own_contact_before_days=int(rulebook["renewal.own_contact_before_days"]),
            own_contact_due_before_days=int(rulebook["renewal.own_contact_due_before_days"]),
            call_all_before_days=int(rulebook["renewal.call_all_before_days"]),
            urge_before_days=int(rulebook["renewal.urge_before_days"]),
            urge_answer_days=int(rulebook["renewal.urge_answer_days"]),
            second_round_before_days=int(rulebook["renewal.second_round_before_days"]),
            second_claim_hours=int(rulebook["renewal.second_claim_hours"]),
            important_premium_fen=_number(rulebook["renewal.important_premium_fen"]),
            fleet_vehicles=_number(rulebook["renewal.fleet_vehicles"]),
            owner_for_life=bool(rulebook["renewal.owner_for_life"]),
            owner_void_when_untrue=bool(rulebook["renewal.owner_void_when_untrue"]),
            lapsed_list_every_months=int(rulebook["renewal.lapsed_list_every_months"]),
            early_holidays=tuple(rulebook["renewal.early_holidays"]),
        )


def _number(value: object) -> int | None:
    return None if value == "" else int(str(value))
