"""People keep their daily logs, or not; some are falsified: reported, confirmed, told, appealed, decided, each by another.

In: who reports, who confirms, who decides; who keeps logs; a day. Out: acts of the room `review`. Never: a penalty written
by hand (the house's daily roll computes them), an act of somebody about themselves.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from care_custody import at
from tuogu.core.inspection.tables import LOG_PARTS
from tuogu.data.workdays import is_working_day
from tuogu.org.scope import Scope
from tuogu.review import actions, queries

_KEPT, _REPORTED, _CONFIRMED, _APPEALED, _REVERSED = 0.8, 0.4, 0.7, 0.5, 0.5


@dataclass
class Judging:
    """The three who judge, by chance of a seed."""

    reports: int
    confirms: int
    decides: int
    chance: random.Random
    told: list[int] = field(default_factory=list)
    appealed: list[int] = field(default_factory=list)
    confirmed: set[str] = field(default_factory=set)  # reports

    def live(self, people: Sequence[int], day: date) -> None:
        """One day: logs are written, some reported; yesterday's penalties are told, appealed, decided."""
        kept = [person for person in people if is_working_day(day) and self.chance.random() < _KEPT]
        for person in kept:
            texts = dict.fromkeys(LOG_PARTS, "走访客户，核对保单")
            actions.file_log(person, day, texts, by=person, at=at(day, 20))
        if kept and self.chance.random() < _REPORTED:
            self._report(self.chance.choice(kept), day)
        self._decide(day)
        self._tell(day)

    def _report(self, person: int, day: date) -> None:
        report = actions.report_log(
            person,
            day,
            "falsified",
            evidence="日志所写走访与当日服务记录不符，客户否认",
            by=self.reports,
            at=at(day, 21),
        )
        confirmed = self.chance.random() < _CONFIRMED
        self.confirmed |= {str(report)} if confirmed else set()
        actions.end_report(
            report,
            confirmed=confirmed,
            reason="已向客户核对",
            by=self.confirms,
            at=at(day, 22),
        )

    def _tell(self, day: date) -> None:
        for penalty in queries.untold(Scope.everything()):
            actions.notify([penalty], by=self.confirms, at=at(day, 21, 10))
            self.told.append(penalty)
            person = queries.penalty(penalty, Scope.everything(), viewer=self.decides).line.person
            if self.chance.random() < _APPEALED:
                actions.appeal(
                    penalty, reason="当天确有走访，请向客户再次核对", by=person, at=at(day, 21, 20)
                )
                self.appealed.append(penalty)

    def _decide(self, day: date) -> None:
        while self.appealed:
            decision = "reverse" if self.chance.random() < _REVERSED else "uphold"
            actions.decide(
                self.appealed.pop(),
                decision,
                reason="已回访客户",
                by=self.decides,
                at=at(day, 21, 5),
            )
