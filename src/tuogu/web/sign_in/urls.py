"""Only those pages of allauth that a house without sign-up and e-mail needs. Their names are allauth's."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.urls import path
from django.views.generic import RedirectView

from tuogu.web.phone import leaving
from tuogu.web.sign_in import house, views

urlpatterns = [
    path("sign-in/", views.DemoAwareLogin.as_view(), name="account_login"),
    path("sign-in/demo/", views.demo_door, name="demo_door"),
    path("sign-in/closed/", account.account_inactive, name="account_inactive"),
    path("sign-in/with/<str:provider_id>/", house.leave_for, name="openid_connect_login"),
    path("sign-in/with/<str:provider_id>/back/", house.come_back, name="openid_connect_callback"),
    path("sign-in/cancelled/", house.cancelled, name="socialaccount_login_cancelled"),
    path("sign-in/code/", factor.authenticate, name="mfa_authenticate"),
    path("sign-in/again/", account.reauthenticate, name="account_reauthenticate"),
    path("sign-in/again/code/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("sign-out/", leaving.sign_out, name="account_logout"),
    path("me/password/", account.password_change, name="account_change_password"),
    path("me/second-factor/", RedirectView.as_view(pattern_name="me"), name="mfa_index"),
    path("me/second-factor/set-up/", totp.activate_totp, name="mfa_activate_totp"),
    path("me/second-factor/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("me/second-factor/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("me/second-factor/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
]
