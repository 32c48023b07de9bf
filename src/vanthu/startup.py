"""Makes the site of the present environment ready for a process that uses the database."""

from __future__ import annotations

import os


def start_django() -> None:
    """Load the settings and the rooms; doing it twice is harmless."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vanthu.settings")
    django.setup()
