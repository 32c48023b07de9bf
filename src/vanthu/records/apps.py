"""Django application of the room."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The records room."""

    name = "vanthu.records"
    label = "records"
