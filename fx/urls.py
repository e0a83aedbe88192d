"""`/v1/currencies` and `/v1/rates`."""

from django.urls import path

from fx.views import PolicyViewSet, RateViewSet

urlpatterns = [
    path("currencies", RateViewSet.as_view({"get": "currencies"})),
    path("pricing-policies", PolicyViewSet.as_view({"get": "list", "post": "create"})),
    path("rates", RateViewSet.as_view({"get": "rate"})),
    path("rates/history", RateViewSet.as_view({"get": "history"})),
]
