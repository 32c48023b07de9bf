"""Django application of the room."""

from django.apps import AppConfig


class HandlingConfig(AppConfig):
    """The handling room."""

    name = "vanthu.handling"
    label = "handling"
