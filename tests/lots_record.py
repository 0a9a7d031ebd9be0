"""The draw of docs/lots.md, for the tests that spoil it."""

from __future__ import annotations

from hashlib import sha256

from tuogu.core.draw import commitment
from tuogu.core.lots import acts
from tuogu.core.lots.record import PublicDraw

DRAW_ID, PURPOSE, COUNT = "2026Q1-demo", "季度收回抽取", 3
NUMBERS = [f"P{i:04d}" for i in range(1, 9)]
PARTIES = ("dept-1", "audit")
KEY = sha256(b"example pseudonym key").digest()


def salt(party: str) -> bytes:
    return sha256(f"example salt of {party}".encode()).digest()


def seed(party: str) -> bytes:
    return sha256(f"example seed of {party}".encode()).digest()


def announced() -> tuple[PublicDraw, dict[str, str]]:
    return acts.announce(NUMBERS, count=COUNT, draw_id=DRAW_ID, purpose=PURPOSE, key=KEY)


def committed(parties: tuple[str, ...] = PARTIES) -> PublicDraw:
    public, _names = announced()
    for party in parties:
        public = acts.commit(public, party, commitment(salt(party), seed(party)))
    return public


def revealed(parties: tuple[str, ...] = PARTIES) -> PublicDraw:
    public = committed()
    for party in parties:
        public = acts.reveal(public, party, salt=salt(party), seed=seed(party))
    return public
