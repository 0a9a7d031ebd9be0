"""Names of provinces, which the code book of one branch does not hold."""

from __future__ import annotations

from tuogu.books import queries as books


def test_a_province_officer_reads_the_name_of_the_province():
    assert books.place_names(["33", "33"]) == {"33": "浙江省"}
