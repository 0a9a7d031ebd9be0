"""Writes of the lists: keep, change, share and drop views; keep the columns that a person chose.

In: a person (`by`), a list, an address. Out: rows of this room. Never: a view of somebody else changed, personal data kept
(see `known`), a share wider than the sharer's own post.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from tuogu.core.custody import business_date
from tuogu.lists.failures import ListRefused
from tuogu.lists.known import checked_columns, checked_name, kept_query, known_list
from tuogu.lists.models import ChosenColumns, DefaultView, SavedView
from tuogu.lists.queries import visible_view
from tuogu.org import queries as org

__all__ = [
    "ListRefused",
    "choose_columns",
    "drop_view",
    "forget_columns",
    "keep_private",
    "move_view",
    "open_with",
    "rename_view",
    "save_view",
    "share_view",
]

VIEWS_MAX = 30  # of one person and list: more tabs than anybody reads


@transaction.atomic
def save_view(
    list_name: str, name: str, query: str, columns: Iterable[str] = (), *, by: int, at: datetime
) -> int:
    """Keep an address under a name, or keep it anew under a name that the person has already; returns the view's id."""
    kept, said, shown = kept_query(list_name, query), checked_name(name), checked_columns(columns)
    own = SavedView.objects.filter(person_id=by, list_name=list_name)
    known = own.filter(name=said).first()
    if known is None and own.count() >= VIEWS_MAX:
        raise ListRefused(f"一个清单最多存 {VIEWS_MAX} 个视图；请先删除不用的，没有写入任何数据")
    last = own.aggregate(last=Max("place"))["last"] or 0
    view = known or SavedView(person_id=by, list_name=list_name, name=said, place=last + 1)
    view.query, view.columns, view.changed_at = kept, shown, at
    view.save()
    ChosenColumns.objects.filter(person_id=by, view=view).delete()
    return int(view.pk)


@transaction.atomic
def rename_view(view_id: int, name: str, *, by: int, at: datetime) -> None:
    """Give an own view another name."""
    view, said = _own(view_id, by), checked_name(name)
    taken = SavedView.objects.filter(person_id=by, list_name=view.list_name, name=said).exclude(pk=view.pk)
    if taken.exists():
        raise ListRefused(f"已有名为“{said}”的视图；没有写入任何数据")
    view.name, view.changed_at = said, at
    view.save(update_fields=["name", "changed_at"])


@transaction.atomic
def share_view(view_id: int, *, by: int, at: datetime) -> str:
    """Let everybody at or below the institution of the sharer's widest post see an own view; returns its name, '' = all."""
    view, on = _own(view_id, by), business_date(at)
    standing = org.standing(by, on)
    everywhere = standing is not None and standing.scope.all_rows
    widest = None if everywhere else org.widest_post(by, on)
    if standing is None or not (everywhere or widest):
        raise ListRefused("只有在机构任职的岗位可以共享视图；没有写入任何数据")
    view.shared_everywhere, view.shared_with_id, view.changed_at = everywhere, widest, at
    view.save(update_fields=["shared_everywhere", "shared_with", "changed_at"])
    return standing.institution


@transaction.atomic
def keep_private(view_id: int, *, by: int, at: datetime) -> None:
    """Share an own view no longer; who had it as default opens the list as before."""
    view = _own(view_id, by)
    view.shared_everywhere, view.shared_with_id, view.changed_at = False, None, at
    view.save(update_fields=["shared_everywhere", "shared_with", "changed_at"])
    DefaultView.objects.filter(view=view).exclude(person_id=by).delete()


@transaction.atomic
def move_view(view_id: int, *, earlier: bool, by: int) -> None:
    """Change places with the own view before (or after) this one."""
    view = _own(view_id, by)
    order = list(
        SavedView.objects.select_for_update()
        .filter(person_id=by, list_name=view.list_name)
        .order_by("place", "pk")
    )
    at = next(i for i, other in enumerate(order) if other.pk == view.pk)
    to = at - 1 if earlier else at + 1
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]
    for place, other in enumerate(order, start=1):
        other.place = place
    SavedView.objects.bulk_update(order, ["place"])


@transaction.atomic
def drop_view(view_id: int, *, by: int) -> None:
    """Forget an own view, with what others made of it: their default, their columns of it."""
    _own(view_id, by).delete()


@transaction.atomic
def open_with(list_name: str, view_id: int | None, *, by: int, at: datetime) -> None:
    """Open the list in this view from now on; None = as the list opens for everybody."""
    known_list(list_name)
    DefaultView.objects.filter(person_id=by, list_name=list_name).delete()
    if view_id is None:
        return
    if visible_view(by, list_name, view_id, business_date(at)) is None:
        raise ListRefused("没有这个视图；没有写入任何数据")
    DefaultView.objects.create(person_id=by, list_name=list_name, view_id=view_id)


@transaction.atomic
def choose_columns(
    list_name: str, columns: Iterable[str], *, by: int, at: datetime, view_id: int | None = None
) -> None:
    """Keep the columns that a person wants to see of a list, or of one view of it."""
    known_list(list_name)
    shown = checked_columns(columns)
    if view_id is not None and visible_view(by, list_name, view_id, business_date(at)) is None:
        raise ListRefused("没有这个视图；没有写入任何数据")
    ChosenColumns.objects.filter(person_id=by, list_name=list_name, view_id=view_id).delete()
    ChosenColumns.objects.create(person_id=by, list_name=list_name, view_id=view_id, columns=shown)


@transaction.atomic
def forget_columns(list_name: str, *, by: int) -> None:
    """Show the columns of this list and its views as everybody sees them."""
    known_list(list_name)
    ChosenColumns.objects.filter(person_id=by, list_name=list_name).delete()


def _own(view_id: int, by: int) -> SavedView:
    """An own view, locked. Of another person's view nobody learns that it is there."""
    view = SavedView.objects.select_for_update().filter(pk=view_id, person_id=by).first()
    if view is None:
        raise ListRefused("没有这个视图，或它不是您存的；没有写入任何数据")
    return view
