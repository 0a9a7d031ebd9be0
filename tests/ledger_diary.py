"""A naive twin of the ledger for random histories: a diary with one cell for each subject and day.

In: the acts, told a second time in plain painting of days. Out: who held what on which day, as known after
each act. Never: an entry, a seq, SQL. Where the diary and the ledger differ, one of them is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

NOBODY = 0
Days = npt.NDArray[np.int64]


@dataclass
class Head:
    """One endless act on a subject: a running number, who received, from which day."""

    act: int
    custodian: int
    since: int


@dataclass
class Diary:
    """Cells [subject, day] with custodian ids; the last day stands for all days to come."""

    subjects: int
    days: int
    buffer: int
    cells: Days = field(init=False)
    heads: list[list[Head]] = field(init=False)
    left: dict[int, int] = field(default_factory=dict)  # person → first day out of post
    snapshots: list[Days] = field(default_factory=list)
    acts: int = 0
    events: int = 0

    def __post_init__(self) -> None:
        self.cells = np.full((self.subjects, self.days), NOBODY, dtype=np.int64)
        self.heads = [[] for _ in range(self.subjects)]

    def now(self, subject: int) -> int:
        """Who holds it now (0 = closed)."""
        return int(self.cells[subject, -1])

    def in_post(self, person: int, day: int) -> bool:
        """True for pools and for people who have not left by that day."""
        return self.left.get(person, self.days) > day

    def next_act(self) -> int:
        """Number the act that is about to be painted."""
        self.acts += 1
        return self.acts

    def paint(self, act: int, subject: int, custodian: int, day: int) -> None:
        """From `day` on it is `custodian`'s."""
        self.cells[subject, day:] = custodian
        self.heads[subject].append(Head(act, custodian, day))
        self.events += 1

    def leave(self, act: int, person: int, day: int) -> int:
        """Every cell of the person from `day` on becomes the buffer group's; returns how many are held no
        more.
        """
        self.left[person] = min(day, self.left.get(person, self.days))
        moved = 0
        for subject in range(self.subjects):
            if self.now(subject) == person:
                since = max(day, self.heads[subject][-1].since)
                self.heads[subject].append(Head(act, self.buffer, since))
                moved += 1
        theirs = self.cells == person
        theirs[:, :day] = False
        self.events += int(theirs.any(axis=1).sum())
        self.cells[theirs] = self.buffer
        return moved

    def before(self, subject: int, act: int) -> int:
        """Who held it when `act` came: the receiver of the endless act before."""
        place = next(i for i, head in enumerate(self.heads[subject]) if head.act == act)
        return self.heads[subject][place - 1].custodian

    def note(self) -> None:
        """Remember what is known at this moment."""
        self.snapshots.append(self.cells.copy())
