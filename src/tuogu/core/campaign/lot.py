"""The order in which a reclaim draws: of registered draws, straight from a revealed seed, or none yet.

In: the request's draw ids, and the book's lots or a seed. Out: `Lot`, which puts any list in order. Never: an order from a
list other than the one that was announced; a customer drawn before there is a draw.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tuogu.core.draw import DrawError, list_digest, order
from tuogu.core.proposal import Request
from tuogu.core.strategies import StrategyError

_ROW = {"number": pl.String, "pseudonym": pl.String}


@dataclass(frozen=True)
class Lot:
    """`registered`: LOT_ORDER of the draws, empty where `seed` orders by itself; `pending`: the lists wait for a draw."""

    draw_id: str
    seed: bytes
    registered: pl.DataFrame
    pending: bool

    def require(self, lists: Mapping[str, pl.Series]) -> None:
        """StrategyError unless the announced lists are together exactly these, by the name of each."""
        if self.registered.is_empty():
            return
        announced = set(self.registered["number"])
        parts = {name: set(numbers) for name, numbers in lists.items()}
        now = set().union(*parts.values())
        changed = [name for name, part in parts.items() if part & announced and part - announced]
        gone = len(announced - now)
        if changed or gone:
            raise StrategyError(
                f"名单有变动：抽签 {self.draw_id} 公布之后，{'、'.join(changed) or '各份名单'}增加 "
                f"{sum(len(parts[name] - announced) for name in changed)} 位，已不在剩余之列 {gone} 位；"
                "请按现在的名单重新抽签"
            )
        missing = {name: len(part) for name, part in parts.items() if part and not part & announced}
        if missing:
            raise StrategyError(
                f"还有 {len(missing)} 份名单没有抽签："
                + "、".join(f"{name}{count:,} 位" for name, count in missing.items())
                + "；请都抽签之后，一起给出各次抽签的抽取编号",
                option="draw_id",
            )

    def binding(self, numbers: pl.Series) -> tuple[str, str]:
        """The draw that orders a list and the digest that binds it: the published one of a registered draw."""
        rows = self.registered.filter(pl.col("number").is_in(numbers.implode()))
        if rows.is_empty():
            return ("" if len(self.registered) else self.draw_id), list_digest(numbers)
        draw_id = rows["draw_id"][0]  # `ordered` has refused a list of two draws
        return draw_id, list_digest(self.registered.filter(pl.col("draw_id") == draw_id)["pseudonym"])

    def ordered(self, numbers: pl.Series) -> pl.DataFrame:
        """number, pseudonym (null without a registered draw), in the order drawn; by number while a draw is pending.

        StrategyError for a list of which two draws hold a part: neither says who comes first.
        """
        if not self.registered.is_empty():
            rows = self.registered.filter(pl.col("number").is_in(numbers.implode()))
            if rows["draw_id"].n_unique() > 1:
                raise StrategyError(
                    f"一份名单分在 {rows['draw_id'].n_unique()} 次抽签里，无法定先后；请每份名单只抽一次"
                )
            return rows.sort("place").select(*_ROW)
        if self.pending:
            return _rows(numbers.sort().to_list())
        try:
            return _rows(order(numbers, seed=self.seed, draw_id=self.draw_id))
        except DrawError as error:
            raise StrategyError(str(error)) from error


def draw_ids(text: str) -> list[str]:
    """The ids that an option names, separated by commas."""
    return [part.strip() for part in re.split("[,，、;；\\s]+", text) if part.strip()]


def lot_of(request: Request) -> Lot:
    """The draws that the request names; with neither draw nor seed the lists are announced only."""
    text, seed_text = request.options["draw_id"], request.options["seed_hex"]
    ids = draw_ids(text)
    registered = request.book.lots.filter(pl.col("draw_id").is_in(ids))
    missing = sorted(set(ids) - set(registered["draw_id"]))
    if missing and not seed_text:
        raise StrategyError(
            f"抽签 {'、'.join(missing)} 没有登记在库；请先登记抽签并由两方公开种子，或给出抽签种子",
            option="seed_hex",
        )
    return Lot(text, bytes.fromhex(seed_text), registered, pending=not ids)


def _rows(numbers: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"number": numbers, "pseudonym": [None] * len(numbers)}, schema=_ROW)
