"""The loops between this axis and its parent; without a parent they do nothing."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.conf import settings

from vanthu.axis import downward, parent, parent_encryption, parent_list, upward
from vanthu.base.worker import every
from vanthu.vxp import VxpError, VxpUnreachable

log = structlog.get_logger(__name__)

FORWARD_SECONDS = 0.5
LIST_SECONDS = 60.0


@every(lambda: FORWARD_SECONDS)
def forward_urgent() -> None:
    """A lane of its own for urgent packets to the parent, so that a long upload does not stand before them."""
    if parent.configured():
        upward.forward_due(least_priority=1)


@every(lambda: FORWARD_SECONDS)
def forward_all() -> None:
    """Send to the parent whatever is due."""
    if parent.configured():
        upward.forward_due()


@every(lambda: settings.VANTHU.parent_poll_seconds)
def ask_fates() -> None:
    """Ask the parent what became of the packets it has."""
    _errand("fates", upward.ask_fates)


@every(lambda: settings.VANTHU.parent_poll_seconds)
def fetch_from_parent() -> None:
    """Take in what the parent has for agencies here, and tell it what became of it."""
    _errand("fetch", downward.fetch_all)


@every(lambda: LIST_SECONDS)
def match_agency_lists() -> None:
    """Copy the parent's agency list and what agencies publish in it, and register ours there."""
    _errand("agencies", _match_lists)


def _match_lists() -> None:
    parent_list.tell()
    parent_list.copy()
    parent_encryption.match()


def _errand(name: str, errand: Callable[[], None]) -> None:
    """Talk to the parent about one matter, unless another worker does or the parent is left alone for now."""
    if not parent.configured() or parent.quiet(parent.line()) or not parent.lease(name):
        return
    try:
        errand()
        parent.answered()
    except VxpUnreachable as error:
        log.warning("parent_not_answering", error=error.text)
        parent.silent(error.text)
    except VxpError as error:
        log.warning("parent_refused", errand=name, error=error.text)
        parent.trouble(error.text)
    finally:
        parent.release(name)
