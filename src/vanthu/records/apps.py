"""Django application of the room."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The records room."""

    name = "vanthu.records"
    label = "records"

    def ready(self) -> None:
        """Say which contents documents hold."""
        from vanthu.blobs import destruction
        from vanthu.records import sealing

        destruction.holds("records", sealing.holds)
