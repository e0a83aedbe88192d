"""Where everything is: the API below /v1, the console, the documentation, health."""

from django.contrib import admin
from django.urls import URLResolver, include, path, register_converter
from django.urls.resolvers import RoutePattern
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from paymentprocessor.api.metrics import metrics
from paymentprocessor.api.paths import CurrencyConverter, IdConverter
from paymentprocessor.error_page import ErrorPage
from paymentprocessor.health import livez, readyz

register_converter(IdConverter, "id")
register_converter(CurrencyConverter, "currency")

handler400 = "paymentprocessor.api.handlers.handler400"
handler403 = "paymentprocessor.api.handlers.handler403"
handler404 = "paymentprocessor.api.handlers.handler404"
handler500 = "paymentprocessor.api.handlers.handler500"

urlpatterns = [
    path("", RedirectView.as_view(url="/docs")),
    # What is asked for most comes first: paths are compared one after another.
    path("v1/", include("transactions.urls")),
    path("v1/", include("wallets.urls")),
    path("v1/", include("fx.urls")),
    path("v1/", include("webhooks.urls")),
    path("v1/schema", SpectacularAPIView.as_view(), name="schema"),
    path(
        "docs",
        SpectacularSwaggerSplitView.as_view(
            # A page: it has no description of itself to answer OPTIONS with.
            url_name="schema",
            http_method_names=["get", "head"],
        ),
    ),
    path("docs/", RedirectView.as_view(url="/docs")),
    path("docs/errors", ErrorPage.as_view()),
    path("docs/errors/", RedirectView.as_view(url="/docs/errors")),
    path("admin", RedirectView.as_view(url="/admin/")),
    # By name, so that it is loaded when somebody comes: it brings along what passkeys
    # need, which is a sixteenth of a worker's memory.
    URLResolver(RoutePattern("admin/account/"), "backoffice.doors"),
    path("admin/", admin.site.urls),
    path("livez", livez),
    path("readyz", readyz),
    path("metrics", metrics),
]
