"""Who looks at the page: found once a request, from the signed-in account and the posts held today.

In: a request. Out: `request.viewer`, and a refusal where `permissions` gives no right. Never: a page of a URL that the
table does not know, a right that outlives the post it came from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from tuogu import clock
from tuogu.accounts.house_login import BY_HOUSE
from tuogu.books import queries as books
from tuogu.core.rulebook import Rulebook
from tuogu.moment import of_one_moment
from tuogu.org import queries as org
from tuogu.org.rights import Right, rights_of
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules
from tuogu.web.api import door
from tuogu.web.permissions import ANYBODY, KEY, allowed, rule_of
from tuogu.web.refusals import forbidden


@dataclass(frozen=True)
class Viewer:
    """A signed-in person with the posts of today. `now` and `today` are the moment of the request."""

    person: int
    name: str
    staff_number: str
    roles: frozenset[Role]
    scope: Scope
    institution: str  # name of the institution or region of the highest post held, '' = the whole company
    today: date
    now: datetime
    acting_for: tuple[int, ...] = ()  # colleagues whose prompts the viewer receives today (P-05)
    stood_in_by: int | None = None  # who receives the viewer's prompts today

    def may(self, url_name: str, method: str = "GET") -> bool:
        """Whether one of the posts allows this page and method."""
        return allowed(self.roles, url_name, method)

    @cached_property
    def rights(self) -> frozenset[Right]:
        """Everything that the posts held today allow."""
        return rights_of(self.roles)

    def can(self, *rights: Right) -> bool:
        """Whether one of these rights is held: for what a page shows, never for what an address does (`permissions`)."""
        return bool(self.rights & set(rights))

    @property
    def post_words(self) -> str:
        """The posts held, as the top bar shows them."""
        return gettext("、").join(gettext(role.label) for role in Role if role in self.roles)

    @cached_property
    def rulebook(self) -> Rulebook:
        """The rulebook in force today: read once a request."""
        return rules.applicable(self.today)

    @property
    def only_phone(self) -> bool:
        """Works at customers' doors only: home is the phone's list."""
        return self.roles == frozenset({Role.ACCOUNT_MANAGER})


class ViewerRequest(HttpRequest):
    """A request that has passed the permission table: what views receive."""

    viewer: Viewer


class ViewerMiddleware:
    """Puts `viewer` on the request and asks the permission table before any view runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = None  # type: ignore[attr-defined]  # the attribute is ours
        if request.method not in {"GET", "HEAD"}:
            response = self._get_response(request)
        else:
            with of_one_moment():
                response = self._get_response(request)
        return door.counted(request, response)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """None = go on; a response = where to go instead."""
        assert request.resolver_match is not None
        name = request.resolver_match.view_name
        rule = rule_of(name)
        if rule.who == KEY:
            return door.asked(request, rule)
        account = request.user
        viewer = viewer_of(account.person_id) if account.is_authenticated else None
        if viewer is None and account.is_authenticated:
            return _sign_out(request)
        request.viewer = viewer  # type: ignore[attr-defined]
        if rule.who == ANYBODY:
            return None
        if viewer is None or not account.is_authenticated:
            return _to_sign_in(request)
        if not rule.before_second_factor:
            if account.must_change_password and not request.session.get(BY_HOUSE):
                return redirect(reverse("account_change_password"))
            if _second_factor_missing(request):
                return redirect(reverse("mfa_activate_totp"))
        if not allowed(viewer.roles, name, request.method or "GET"):
            return forbidden(request, name)
        return None


def viewer_of(person: int) -> Viewer | None:
    """The person as viewer now; None when the person has left."""
    now, today = clock.now(), clock.business_today()
    found = org.standing(person, today)
    if found is None:
        return None
    place = books.place_names([found.region]).get(found.region, found.region) if found.region else ""
    return Viewer(
        person,
        found.name,
        found.staff_number,
        found.roles,
        org.looked_up(found.scope),
        place or found.institution,
        today,
        now,
        found.acting_for,
        found.stood_in_by,
    )


def _second_factor_missing(request: HttpRequest) -> bool:
    if settings.TUOGU_DEMO or request.session.get("second_factor"):
        return False
    from allauth.mfa.utils import is_mfa_enabled

    if is_mfa_enabled(request.user):
        request.session["second_factor"] = True
        return False
    return True


def _sign_out(request: HttpRequest) -> HttpResponse:
    from django.contrib.auth import logout

    logout(request)
    return _to_sign_in(request)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):  # a fragment cannot show the sign-in page: move the whole window
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("account_login")})
    return redirect_to_login(request.get_full_path(), reverse("account_login"))
