"""The kinds of file that pages hand out: named once, so that a job can build them without a page."""

from __future__ import annotations

from tuogu.exports.kinds import register


def register_kinds() -> None:
    """Pages name their own kinds; here they are gathered."""
    from tuogu.web.campaigns.papers import BULLETIN as CAMPAIGN_BULLETIN
    from tuogu.web.campaigns.papers import REPORTS as CAMPAIGN_REPORTS
    from tuogu.web.corrections.papers import FILED, LIST, SCAN, SUMMARY
    from tuogu.web.customers.exporting import KIND as CUSTOMERS
    from tuogu.web.draws.showing import NUMBERS
    from tuogu.web.imports.giving_back import KIND as REJECTS
    from tuogu.web.kit.papers import ESTATES, HIGH_END, SHEETS
    from tuogu.web.kit.papers import REGISTER as CONTACT_REGISTER
    from tuogu.web.kit.papers import SCAN as REGISTER_SCAN
    from tuogu.web.ledger.exporting import KIND as ENTRIES
    from tuogu.web.notices.letters import MERGE
    from tuogu.web.notices.relations import RELATIONS
    from tuogu.web.plans.downloads import CHANGES, REGISTER
    from tuogu.web.policies.exporting import KIND as POLICIES
    from tuogu.web.renewals.papers import LAPSED as RENEWAL_LAPSED
    from tuogu.web.renewals.papers import REGISTER as RENEWAL_REGISTER
    from tuogu.web.reports.papers import REPORT
    from tuogu.web.staff.exporting import KIND as STAFF

    for kind in (
        POLICIES, CUSTOMERS, STAFF, ENTRIES, REGISTER, CHANGES, REJECTS, NUMBERS, RELATIONS, MERGE, LIST, FILED,
        SCAN, SUMMARY, CONTACT_REGISTER, REGISTER_SCAN, SHEETS, HIGH_END, ESTATES,
        CAMPAIGN_BULLETIN, CAMPAIGN_REPORTS, REPORT, RENEWAL_REGISTER, RENEWAL_LAPSED,
    ):  # fmt: skip
        register(kind)
