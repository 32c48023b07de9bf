"""Django application of the room."""

from django.apps import AppConfig


class EncryptionConfig(AppConfig):
    """The encryption room."""

    name = "vanthu.encryption"
    label = "encryption"

    def ready(self) -> None:
        """Teach the history how the room's verbs read."""
        from vanthu.encryption import panel

        panel.teach_timeline()
