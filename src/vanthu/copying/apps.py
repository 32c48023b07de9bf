"""Django application of the room."""

from django.apps import AppConfig


class CopyingConfig(AppConfig):
    """The copying room; adds to the page of every document what was copied of it."""

    name = "vanthu.copying"
    label = "copying"

    def ready(self) -> None:
        """Register with the web room and with the file store."""
        from vanthu.blobs import destruction
        from vanthu.copying import panel, queries
        from vanthu.records import sealing
        from vanthu.web import panels

        panels.register_addition("copying", panel.addition_of)
        panel.teach_timeline()
        destruction.holds("copying", queries.holds)
        sealing.derived("copying", queries.contents_of)
