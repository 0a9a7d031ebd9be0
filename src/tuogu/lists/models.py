"""The tables of this room. Private: other rooms use `actions` and `queries`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

PERSONAL = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "SavedView": {
        "id": "C0", "person": "C1", "list_name": "C0", "name": "C1", "query": "C1", "columns": "C0",
        "shared_with": "C1", "shared_everywhere": "C1", "place": "C0", "changed_at": "C1",
    },
    "DefaultView": {"id": "C0", "person": "C1", "list_name": "C0", "view": "C0"},
    "ChosenColumns": {"id": "C0", "person": "C1", "list_name": "C0", "view": "C0", "columns": "C0"},
}  # fmt: skip


class SavedView(models.Model):
    """A list as somebody likes to see it: filters, order and columns under a name. Rows are the reader's own scope."""

    person = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    list_name = models.TextField()  # one of `known.LISTS`
    name = models.TextField()
    query = models.TextField()  # a canonical query string of known filters; never a search
    columns = models.JSONField(default=list)  # keys, in the order of the list; [] = as the reader likes
    shared_with = models.ForeignKey(  # people at or below it see the view; null = private, or everywhere
        "org.Institution", models.PROTECT, null=True, related_name="+"
    )
    shared_everywhere = models.BooleanField(default=False)
    place = models.IntegerField()  # among the views of its person and list
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "list_name", "name"], name="lists_view_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="lists_view_has_a_name"),
            models.CheckConstraint(
                condition=Q(shared_everywhere=False) | Q(shared_with__isnull=True),
                name="lists_view_shared_one_way",
            ),
        ]
        indexes = [models.Index(fields=["list_name", "shared_with"], name="lists_view_shared")]


class DefaultView(models.Model):
    """The view in which a list opens for a person: an own one or one that is shared."""

    person = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    list_name = models.TextField()
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "list_name"], name="lists_default_view_once")
        ]


class ChosenColumns(models.Model):
    """The columns that a person wants to see of a list, or of one of its saved views."""

    person = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    list_name = models.TextField()
    view = models.ForeignKey(SavedView, models.CASCADE, null=True, related_name="+")
    columns = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "list_name", "view"], name="lists_columns_once"),
            models.UniqueConstraint(  # NULLs differ from each other in a unique constraint
                fields=["person", "list_name"], condition=Q(view__isnull=True), name="lists_columns_of_list"
            ),
        ]
