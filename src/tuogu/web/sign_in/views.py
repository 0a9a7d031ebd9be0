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
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from tuogu import clock
from tuogu.accounts import queries as accounts
from tuogu.org import queries as org

BACKEND = "tuogu.accounts.adapter.StaffBackend"


class DemoAwareLogin(LoginView):  # type: ignore[misc]  # allauth has no types
    """allauth's page; in a demo it also lists the named people by post."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = demo_people() if settings.TUOGU_DEMO else []
        return dict(super().get_context_data(**kwargs), demo_people=people)


def demo_people() -> list[dict[str, Any]]:
    """The demo's people in the order of the roles: person, staff number, name, post, institution."""
    today = clock.business_today()
    staff = org.posts_of(accounts.demo_accounts(), today)
    names = org.names({post.person for post in staff})
    return [
        {
            "person": post.person, "staff_number": post.staff_number, "name": names[post.person] or "",
            "post": gettext(post.label), "institution": post.institution_name,
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
