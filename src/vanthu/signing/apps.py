"""Django application of the room."""

from django.apps import AppConfig


class SigningConfig(AppConfig):
    """The signing room."""

    name = "vanthu.signing"
    label = "signing"

    def ready(self) -> None:
        """Register with web."""
        from vanthu.signing import panel
        from vanthu.web import panels

        panels.register_notices("signing", panel.notices_of)
        panel.teach_timeline()
