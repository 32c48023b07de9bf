"""Django application of the room."""

from django.apps import AppConfig


class IssuingConfig(AppConfig):
    """The issuing room."""

    name = "vanthu.issuing"
    label = "issuing"
