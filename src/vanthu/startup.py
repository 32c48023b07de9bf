"""Makes the site of the present environment ready for a process that uses the database."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Load modules in the block: what they make stays for the life of the process.

    Looking for garbage among it took more than a quarter of a start, and would take its share of every later
    search; so there is no search meanwhile, and what is there afterwards is left out of them.
    """
    if not gc.isenabled():  # a block within a block
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def start_django() -> None:
    """Load the settings and the rooms; doing it twice is harmless."""
    with loading():
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vanthu.settings")
        django.setup()
