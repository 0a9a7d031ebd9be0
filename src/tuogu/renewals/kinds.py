"""The words of this room: rounds of claiming, steps of the clock, intentions, outcomes. Other rooms may import these.

In: nothing. Out: enumerations; their codes are those of `core.motor`. Never: two words for one thing.
"""

from __future__ import annotations

from django.db import models

from tuogu.core.motor.words import BANDS, INTENTIONS, OUTCOMES, ROUNDS, STEPS


class Band(models.TextChoices):
    """Days to expiry when the policy entered its list (S3-02)."""

    NEAR = "d0_30", BANDS["d0_30"]
    MIDDLE = "d31_60", BANDS["d31_60"]
    FAR = "d61_90", BANDS["d61_90"]


class Round(models.TextChoices):
    """Who may claim, and after what (S3-04, S3-06, S3-13)."""

    BRANCH = "branch", ROUNDS["branch"]
    CITY = "city", ROUNDS["city"]
    SECOND = "second", ROUNDS["second"]
    SECOND_CITY = "second_city", ROUNDS["second_city"]


class Step(models.TextChoices):
    """Steps of the clock, in the order of their days."""

    LISTED = "listed", STEPS["listed"]
    CLAIM_LATE = "claim_late", STEPS["claim_late"]
    CITY_OPEN = "city_open", STEPS["city_open"]
    DEALT = "dealt", STEPS["dealt"]
    SMS = "sms", STEPS["sms"]
    OWN_CONTACT = "own_contact", STEPS["own_contact"]
    CALL_ALL = "call_all", STEPS["call_all"]
    URGE = "urge", STEPS["urge"]
    FINAL = "final", STEPS["final"]
    SECOND_OPEN = "second_open", STEPS["second_open"]
    SECOND_CITY_OPEN = "second_city_open", STEPS["second_city_open"]
    HEAD_OFFICE = "head_office", STEPS["head_office"]
    TO_LEADERS = "to_leaders", STEPS["to_leaders"]
    LAPSED = "lapsed", STEPS["lapsed"]
    NEXT_YEAR = "next_year", STEPS["next_year"]


class Intention(models.TextChoices):
    """What the customer says about renewing (S3-08)."""

    WILL = "will", INTENTIONS["will"]
    UNDECIDED = "undecided", INTENTIONS["undecided"]
    WONT = "wont", INTENTIONS["wont"]


class Outcome(models.TextChoices):
    """How a case ends, with proof (S3-17). SAID: a person says that it is renewed, the new policy is not in the books yet:
    nobody urges any more, and no figure counts it."""

    RENEWED = "renewed", OUTCOMES["renewed"]
    ELSEWHERE = "elsewhere", OUTCOMES["elsewhere"]
    SCRAPPED = "scrapped", OUTCOMES["scrapped"]
    SAID = "said", OUTCOMES["said"]
