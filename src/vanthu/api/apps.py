"""Django application of the room."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The api room."""

    name = "vanthu.api"
    label = "api"
