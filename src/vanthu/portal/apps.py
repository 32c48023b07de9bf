"""Django application of the room."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The portal room."""

    name = "vanthu.portal"
    label = "portal"
