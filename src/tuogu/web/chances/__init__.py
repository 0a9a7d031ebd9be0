"""Pages of chances: what was learned, how it held on months held out, the advice beside a case. Never: a decision."""
