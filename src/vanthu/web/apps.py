"""Django application of the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class WebConfig(AppConfig):
    """The web room."""

    name = "vanthu.web"
    label = "web"

    def ready(self) -> None:
        """Say how looking at files reads in the history; the records room knows no pages."""
        from vanthu.web import timeline

        timeline.say("records.view", gettext_lazy("xem tệp {file}"), "eye")
        timeline.say("records.download", gettext_lazy("tải tệp {file}"), "download")
