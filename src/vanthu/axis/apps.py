"""Django application of the room."""

from django.apps import AppConfig


class AxisConfig(AppConfig):
    """The axis room."""

    name = "vanthu.axis"
    label = "axis"
