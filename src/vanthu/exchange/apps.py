"""Django application of the room."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """The exchange room; teaches the timeline how its verbs read."""

    name = "vanthu.exchange"
    label = "exchange"

    def ready(self) -> None:
        """Speak for the deliveries on the document page; refuse to start with an axes file that is wrong."""
        from vanthu.exchange import axes, panel

        axes.configured()
        panel.teach_timeline()
