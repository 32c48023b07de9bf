"""Django application of the room."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """The exchange room."""

    name = "vanthu.exchange"
    label = "exchange"
