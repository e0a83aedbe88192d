"""`/v1/currencies` and `/v1/rates`."""

from django.urls import path

from fx.views import RateViewSet

urlpatterns = [
    path("currencies", RateViewSet.as_view({"get": "currencies"})),
    path("rates", RateViewSet.as_view({"get": "rate"})),
    path("rates/history", RateViewSet.as_view({"get": "history"})),
]
