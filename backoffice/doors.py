"""The pages for signing in, below /admin/account/: those of allauth that staff need.

Signing up, confirming emails and resetting passwords by email are left out: logins are
made by administrators, and so are new passwords.
"""

from allauth.account import views
from django.urls import include, path

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("2fa/", include("allauth.mfa.urls")),
]
