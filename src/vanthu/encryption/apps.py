"""Django application of the room."""

from django.apps import AppConfig


class EncryptionConfig(AppConfig):
    """The encryption room."""

    name = "vanthu.encryption"
    label = "encryption"

    def ready(self) -> None:
        """Teach the history how the room's verbs read; say on the work page what a clerk must know of keys."""
        from vanthu.encryption import panel
        from vanthu.web import panels

        panel.teach_timeline()
        panels.register_notices("encryption", panel.notices_of)
