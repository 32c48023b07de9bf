"""Django application of the room."""

from django.apps import AppConfig


class AxisConfig(AppConfig):
    """The axis room."""

    name = "vanthu.axis"
    label = "axis"

    def ready(self) -> None:
        """Read the operator's declarations now, so that a mistake stops the start and not the first call."""
        from vanthu.axis import payloads
        from vanthu.axis.relay import jobs  # noqa: F401 - registers its loop with the worker

        payloads.all_types()
