"""The same paths as the product's."""

from django.urls import path

from benchmarks.usual import views

urlpatterns = [
    path("v1/wallets/<int:user_id>/fund", views.FundView.as_view()),
    path("v1/wallets/<int:user_id>/withdraw", views.WithdrawView.as_view()),
    path("v1/wallets/<int:user_id>/transfer", views.TransferView.as_view()),
    path("v1/wallets/<int:user_id>/convert", views.ConvertView.as_view()),
]
