"""Django application of the room."""

from django.apps import AppConfig


class SigningConfig(AppConfig):
    """The signing room."""

    name = "vanthu.signing"
    label = "signing"

    def ready(self) -> None:
        """Say which contents evidence names in lists. Register with web."""
        from vanthu.blobs import destruction
        from vanthu.signing import evidence, panel
        from vanthu.web import panels

        destruction.holds("signing evidence", evidence.holds)
        panels.register_notices("signing", panel.notices_of)
        panel.teach_timeline()
