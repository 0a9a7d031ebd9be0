"""The sign-in page, and the demo door beside it.

In: a login and password, or in a demo the choice of a named person. Out: a session. Never: the demo door open without
TUOGU_DEMO, or for an account that `tuogu demo` did not make.
"""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from tuogu import clock
from tuogu.accounts import queries as accounts
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.web.staff.posts import place_words

BACKEND = "tuogu.accounts.adapter.StaffBackend"


class DemoAwareLogin(LoginView):  # type: ignore[misc]  # allauth has no types
    """allauth's page; with an identity provider its button; in a demo also the named people by post."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = demo_groups() if settings.TUOGU_DEMO else []
        house = (
            {"provider": settings.OIDC_PROVIDER, "name": settings.OIDC_NAME} if settings.OIDC_ISSUER else None
        )
        return dict(super().get_context_data(**kwargs), demo_groups=people, house=house)


GROUPS: tuple[tuple[Any, frozenset[Role]], ...] = (
    (
        gettext_lazy("服务与团队"),
        frozenset({
            Role.ACCOUNT_MANAGER, Role.TEAM_LEAD, Role.DEPARTMENT_MANAGER, Role.BUFFER_MEMBER, Role.RENEWAL_ADMINISTRATOR,
        }),
    ),
    (
        gettext_lazy("机构与总公司"),
        frozenset({
            Role.RESOURCE_CLERK, Role.BRANCH_MANAGER, Role.PROVINCE_OFFICER, Role.CALL_CENTRE, Role.IT_OFFICER,
        }),
    ),
    (
        gettext_lazy("监督与管理员"),
        frozenset({
            Role.INSPECTOR, Role.PRIVACY_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR,
        }),
    ),
)  # fmt: skip


def demo_groups() -> list[dict[str, Any]]:
    """The demo's people by what their posts are for."""
    people = demo_people()
    found = [
        {"name": name, "people": [one for one in people if one["role"] in roles]} for name, roles in GROUPS
    ]
    return [group for group in found if group["people"]]


def demo_people() -> list[dict[str, Any]]:
    """The demo's people in the order of the roles: person, staff number, name, role, post, place."""
    today = clock.business_today()
    staff = org.posts_of(accounts.demo_accounts(), today)
    names, places = org.names({post.person for post in staff}), place_words(staff)
    return [
        {
            "person": post.person, "staff_number": post.staff_number, "name": names[post.person] or "",
            "role": post.role, "post": gettext(post.label), "institution": places[post.id],
        }
        for post in staff
    ]  # fmt: skip


@require_POST
def demo_door(request: HttpRequest) -> HttpResponse:
    """Let a demo person in without password and second factor; 404 everywhere else."""
    if not settings.TUOGU_DEMO:
        raise Http404
    person = request.POST.get("person", "")
    if person not in map(str, accounts.demo_accounts()):
        raise Http404
    login(request, get_user_model().objects.get(person_id=int(person)), backend=BACKEND)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if safe else "home")
