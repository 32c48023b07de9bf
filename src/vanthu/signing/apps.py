"""Django application of the room."""

from django.apps import AppConfig


class SigningConfig(AppConfig):
    """The signing room."""

    name = "vanthu.signing"
    label = "signing"

    def ready(self) -> None:
        """Say which contents signing holds: the images of seals and signatures, and evidence. Register with web."""
        from vanthu.blobs import destruction
        from vanthu.signing import awaiting, evidence, panel
        from vanthu.signing.models import SigningKey
        from vanthu.signing.trust_models import TrustList
        from vanthu.web import panels

        destruction.holds("signing", lambda sha256: SigningKey.objects.filter(image_sha256=sha256).exists())
        destruction.holds("signing evidence", evidence.holds)
        destruction.holds(
            "trusted lists", lambda sha256: TrustList.objects.filter(content_sha256=sha256).exists()
        )
        destruction.holds("signing awaited", awaiting.holds)
        panels.register_notices("signing", panel.notices_of)
        panel.teach_timeline()
