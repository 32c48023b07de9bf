"""Django application of the room."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The web room."""

    name = "vanthu.web"
    label = "web"
