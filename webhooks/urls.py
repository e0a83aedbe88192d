"""`/v1/events`."""

from django.urls import path

from webhooks.views import EventViewSet

urlpatterns = [path("events", EventViewSet.as_view({"get": "list"}))]
