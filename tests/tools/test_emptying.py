"""After a test that commits, the next one finds the database as it was made."""

from __future__ import annotations

import pytest
from django.db import connection
from tests.conftest import DATABASE, SERVER
from tests.emptying import Untouched

from vanthu.directory.models import Agency


@pytest.mark.django_db(transaction=True)
def test_what_was_committed_is_gone_and_what_migrations_made_is_back() -> None:
    untouched = Untouched(SERVER, DATABASE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(id) FROM django_content_type")
        made = cursor.fetchone()
        Agency.objects.create(name="Sở Nội vụ", hosted=True)
        cursor.execute("DELETE FROM django_migrations WHERE app = 'directory'")
        cursor.execute("INSERT INTO django_content_type (app_label, model) VALUES ('a', 'b')")

    _leave()
    assert untouched.restored()

    with connection.cursor() as cursor:
        assert not Agency.objects.exists()
        cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'directory'")
        assert cursor.fetchone()[0] > 0
        cursor.execute("INSERT INTO django_content_type (app_label, model) VALUES ('a', 'b') RETURNING id")
        assert cursor.fetchone() == (made[1] + 1,)
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER ALL")
    _leave()
    assert not untouched.restored(), "a changed schema wants a new copy"


def _leave() -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
