"""Django application of the room."""

from django.apps import AppConfig


class SigningConfig(AppConfig):
    """The signing room."""

    name = "vanthu.signing"
    label = "signing"
