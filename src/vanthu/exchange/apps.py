"""Django application of the room."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """The exchange room; teaches the timeline how its verbs read."""

    name = "vanthu.exchange"
    label = "exchange"

    def ready(self) -> None:
        """Speak for the deliveries on the document page; say which packets are held; refuse a wrong axes file."""
        from vanthu.blobs import destruction
        from vanthu.exchange import axes, hiding, packets, panel

        axes.configured()
        destruction.holds("exchange", packets.holds)
        destruction.holds("held packets", hiding.holds)
        panel.teach_timeline()
