"""Django application of the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    """The exchange room; teaches the timeline how its verbs read."""

    name = "vanthu.exchange"
    label = "exchange"

    def ready(self) -> None:
        """Speak for the deliveries on the document page; refuse a wrong axes file."""
        from vanthu.exchange import axes, panel
        from vanthu.web import panels

        axes.configured()
        panels.register_tasks(
            "exchange",
            panels.TaskKind(_("Chờ xử lý gói tin có dấu hiệu bí mật"), "shield-lock", panel.tasks_of),
        )
        panel.teach_timeline()
