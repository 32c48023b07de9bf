"""Django application of the room."""

from django.apps import AppConfig


class IssuingConfig(AppConfig):
    """The issuing room; speaks for outgoing documents on their page, in lists and in the history."""

    name = "vanthu.issuing"
    label = "issuing"

    def ready(self) -> None:
        """Register with the web room."""
        from vanthu.issuing import elsewhere_views, joint_panel, panel
        from vanthu.records.models import Direction, Verb
        from vanthu.signing.views import confirming
        from vanthu.web import panels

        choices = [(stage.value, state.label) for stage, state in panel.STATES.items()]
        panels.register(Direction.OUTGOING, panel.panel_of)
        panels.register_shared(Direction.OUTGOING, joint_panel.shared_panel)
        panels.register_states(Direction.OUTGOING, panel.state_of, choices)
        panels.register_list_actions(Direction.OUTGOING, panel.list_actions)
        panels.register_group_link(Verb.SIGN, panel.SIGN_TOGETHER)
        panel.teach_timeline()
        for do, finish in elsewhere_views.FINISH.items():
            confirming.finishes(do, finish)
