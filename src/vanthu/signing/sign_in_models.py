"""State of people's own connections to remote signing services."""

from __future__ import annotations

from django.db import models

from vanthu.base.models import Entity
from vanthu.directory.models import Person


class RemoteSignIn(Entity):
    """A person proved themselves to a remote signing service; its tokens, encrypted (``base.boxes``), until then."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    service = models.ForeignKey("signing.RemoteService", on_delete=models.CASCADE, related_name="sign_ins")
    token_box = models.TextField()
    signed_in_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "service"], name="signing_one_sign_in_per_service")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.service_id}"
