"""The world of the encryption tests."""

from __future__ import annotations

import pytest
from tests import world as worlds


@pytest.fixture
def world(db: None) -> worlds.World:
    return worlds.build()
