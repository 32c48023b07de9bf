"""Django application of the room."""

from django.apps import AppConfig


class CopyingConfig(AppConfig):
    """The copying room; adds to the page of every document what was copied of it."""

    name = "vanthu.copying"
    label = "copying"

    def ready(self) -> None:
        """Register with the web room; say what copies keep of documents."""
        from vanthu.copying import panel, queries, remote_views
        from vanthu.records import sealing
        from vanthu.signing.views import confirming
        from vanthu.web import panels

        panels.register_addition("copying", panel.addition_of)
        panel.teach_timeline()
        sealing.derived("copying", queries.contents_of)
        confirming.finishes(remote_views.DO, remote_views.finish)
