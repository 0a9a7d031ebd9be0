"""What reports say, in the chosen language: `{{ measure.title|said }}`, `{{ report.title|titled }}`.

In: words as reports keep them, in Chinese. Out: the same in the active language. Never: a name translated.
"""

from __future__ import annotations

from django import template

from tuogu.reports import queries as reports

register = template.Library()
register.filter("said", reports.said)
register.filter("titled", reports.titled)
