"""Django application of the room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The audit room."""

    name = "vanthu.audit"
    label = "audit"
