"""The part of a book that lies in some institutions: what somebody plans who may see only these (P-12).

In: a Book, the institutions and the staff within scope. Out: the Book that a house of these institutions alone would have,
each policy classified as in the whole. Never: a receiver outside; an institution above the scope that could receive.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from tuogu.core.tables import Book, Books

_C = pl.col
_RECEIVES = ("department", "team")  # levels that a plan may give something to


def narrowed(book: Book, institutions: Collection[str], staff: Collection[str]) -> Book:
    """`book` without what other institutions manage. What people in scope hold of others still counts as held."""
    books = _books(book.books, sorted(institutions), sorted(staff))
    policies, customers, people = books.policies, books.customers, books.people
    located = book.located.filter(_C("key").is_in(customers["customer_number"].implode()))
    homes = book.homes.filter(_C("key").is_in(people["staff_number"].implode()))
    codes = pl.concat([located["community_code"], homes["community_code"]]).drop_nulls().unique()
    numbers = pl.concat([policies["policy_number"], customers["customer_number"]]).implode()
    own = pl.concat([people["staff_number"], books.institutions["institution_code"]]).implode()
    held = _C("number").is_in(numbers) | _C("receiver").str.strip_prefix("department:").is_in(own)
    of_customer = _C("customer_number").is_in(customers["customer_number"].implode())
    return replace(
        book,
        books=books,
        located=located,
        homes=homes,
        classified=book.classified.filter(_C("policy_number").is_in(policies["policy_number"].implode())),
        communities=book.communities.filter(_C("community_code").is_in(codes.implode())),
        facts=book.facts.filter(_C("subject").is_in(own)),
        held=book.held.filter(held),
        away=book.away.filter(_C("staff_number").is_in(people["staff_number"].implode())),
        refused=book.refused.filter(of_customer),
        unproven=book.unproven.filter(of_customer),
    )


def _books(books: Books, institutions: list[str], staff: list[str]) -> Books:
    """Policies by their managing institution; a rider goes with its main policy, a customer with the policies."""
    mains = books.policies.filter((_C("kind") == "main") & _C("institution_code").is_in(institutions))
    riders = books.policies.filter(
        (_C("kind") == "rider") & _C("main_policy_number").is_in(mains["policy_number"].implode())
    )
    policies = pl.concat([mains, riders])
    named = pl.concat([policies["holder_number"], policies["insured_number"]]).drop_nulls().unique()
    above = ~_C("level").is_in(_RECEIVES)  # they say in which region those below them lie
    return replace(
        books,
        policies=policies,
        customers=books.customers.filter(_C("customer_number").is_in(named.implode())),
        people=books.people.filter(_C("staff_number").is_in(staff)),
        institutions=books.institutions.filter(_C("institution_code").is_in(institutions) | above),
    )
