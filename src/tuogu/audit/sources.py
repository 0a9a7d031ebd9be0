"""Which rooms tell an auditor what happened in a period. A room with facts stands here, or a test fails.

In: a period. Out: the frames of each room under its Chinese name. Never: personal data
in clear (rooms give numbers and ids).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.accesslog import queries as accesslog
from tuogu.accounts import queries as accounts
from tuogu.books import queries as books
from tuogu.campaigns import queries as campaigns
from tuogu.cases import queries as cases
from tuogu.corrections import queries as corrections
from tuogu.exports import queries as exports
from tuogu.integration import queries as integration
from tuogu.kit import queries as kit
from tuogu.ledger import queries as ledger
from tuogu.notices import queries as notices
from tuogu.org import queries as org
from tuogu.plans import queries as plans
from tuogu.pools import queries as pools
from tuogu.privacy import queries as privacy
from tuogu.regions import queries as regions
from tuogu.renewals import queries as renewals
from tuogu.reports import queries as reports
from tuogu.review import queries as review
from tuogu.rules import queries as rules
from tuogu.transfers import queries as transfers
from tuogu.work import queries as work

Tables = Callable[[date, date], dict[str, pl.DataFrame]]


@dataclass(frozen=True)
class Source:
    """A room: its folder in the pack, its heading, and the function that answers."""

    room: str
    heading: str
    tables: Tables


SOURCES: tuple[Source, ...] = (
    Source("org", "机构与人员", org.audit_tables),
    Source("accounts", "账号", accounts.audit_tables),
    Source("accesslog", "查看留痕", accesslog.audit_tables),
    Source("rules", "制度", rules.audit_tables),
    Source("books", "导入", books.audit_tables),
    Source("regions", "编码簿、地址与区域", regions.audit_tables),
    Source("ledger", "台账", ledger.audit_tables),
    Source("exports", "导出", exports.audit_tables),
    Source("privacy", "数据保护", privacy.audit_tables),
    Source("notices", "离职告知", notices.audit_tables),
    Source("transfers", "移交申请", transfers.audit_tables),
    Source("pools", "公共池", pools.audit_tables),
    Source("plans", "分配", plans.audit_tables),
    Source("corrections", "资料更正", corrections.audit_tables),
    Source("review", "日志与检查", review.audit_tables),
    Source("kit", "服务工具", kit.audit_tables),
    Source("work", "客户服务", work.audit_tables),
    Source("cases", "个案", cases.audit_tables),
    Source("reports", "指标与报表", reports.audit_tables),
    Source("renewals", "车险续保", renewals.audit_tables),
    Source("campaigns", "活动", campaigns.audit_tables),
    Source("integration", "接口", integration.audit_tables),
)


def told(first: date, last: date) -> Iterator[tuple[Source, str, pl.DataFrame]]:
    """(room, table, rows) of everything that happened from `first` to `last`, both included."""
    for source in SOURCES:
        for name, frame in source.tables(first, last).items():
            yield source, name, frame
