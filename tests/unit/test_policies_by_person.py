"""Whose policies: asked of holder and insured together, both are found by an index."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Q

from tuogu.books.models import Policy

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_policies_of_a_person_are_found_without_reading_all():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # a small table is read whole whatever there is
    asked = Policy.objects.filter(Q(holder_number="C1") | Q(insured_number="C1")).explain()
    assert "books_policy_insured" in asked, asked
