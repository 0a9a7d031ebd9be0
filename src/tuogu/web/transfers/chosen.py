"""What somebody chose on a list: the ticked rows, or the whole view, in one query.

In: the form that every list's bar of choices posts. Out: the policies within scope, and what the choice says. Never: rows
out of scope; a search for a person in what is told of the choice.

`pick`        numbers of policies (of customers on their list)
`whole_view`, `all`   the whole view instead, as `query` narrows it
`list`        policies (unless said otherwise) | customers: the live policies that they hold, none left behind
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from tuogu.books import queries as books
from tuogu.lists import queries as lists
from tuogu.lists.failures import ListRefused
from tuogu.web.customers import reading as customers
from tuogu.web.policies import reading as policies
from tuogu.web.viewer import ViewerRequest

FIELDS = ("list", "query", "whole_view", "all", "pick")


@dataclass(frozen=True)
class Chosen:
    """`listed`: the policies, a query. `source`: the filter without searches. `fields`: the choice, to be posted again."""

    listed: Any
    list_name: str
    whole: bool
    source: str
    query: QueryDict
    fields: list[tuple[str, str]]


def chosen(request: ViewerRequest) -> Chosen | None:
    """The choice; None when nothing was chosen."""
    post, viewer = request.POST, request.viewer
    list_name = post.get("list", "policies")
    query = QueryDict(post.get("query", "").lstrip("?"))
    whole = bool(post.get("whole_view") or post.get("all"))
    picked = tuple(post.getlist("pick"))
    if list_name not in ("policies", "customers") or not (whole or picked):
        return None
    if list_name == "policies":
        wanted = policies.wanted_of(request, query) if whole else books.PolicyFilter(view="", numbers=picked)
        listed = books.subjects_of(viewer.scope, wanted, as_of=viewer.today)
    else:
        narrowed = customers.wanted_of(request, query) if whole else books.CustomerFilter(numbers=picked)
        listed = books.policies_of_customers(viewer.scope, narrowed, as_of=viewer.today)
    fields = [(name, value) for name in FIELDS for value in post.getlist(name) if value]
    if whole:
        fields = [(name, value) for name, value in fields if name != "pick"]
    return Chosen(listed, list_name, whole, _source(list_name, query) if whole else "", query, fields)


def _source(list_name: str, query: QueryDict) -> str:
    """What may be told of the filter later; a search is left out."""
    told = query.copy()
    for name in ("q", "found"):
        told.pop(name, None)
    try:
        return lists.kept_query(list_name, told.urlencode())
    except ListRefused:
        return ""
