"""Django application of the room."""

from django.apps import AppConfig


class HandlingConfig(AppConfig):
    """The handling room speaks for incoming documents on the document page."""

    name = "vanthu.handling"
    label = "handling"

    def ready(self) -> None:
        """Register the panel, the states and the sentences of the history."""
        from vanthu.handling import panel
        from vanthu.records.models import Direction
        from vanthu.web import panels

        panels.register(Direction.INCOMING, panel.panel_of)
        choices = [(stage.value, state.label) for stage, state in panel.STATES.items()]
        panels.register_states(Direction.INCOMING, panel.state_of, choices)
        panels.register_list_actions(Direction.INCOMING, panel.list_actions)
        panel.teach_timeline()
