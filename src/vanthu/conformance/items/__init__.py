"""Everything that a conformance trial judges: ``docs/conformance.md`` lists exactly these.

Owns names, expectations and their sources, by chapters. Refuses to judge: ``probes`` does for an axis, ``referee`` for
software that connects to one.
"""

from __future__ import annotations

from vanthu.conformance.items.axis import RUN
from vanthu.conformance.items.base import GROUPS, Item
from vanthu.conformance.items.calls import CALLS, MODERN
from vanthu.conformance.items.inbound import CHANGES, DOUBTFUL, LINE, RECEIVING
from vanthu.conformance.items.outbound import (
    ANSWERS,
    NEEDS_REASON,
    PASSING,
    PERMANENT,
    REFUSALS,
    REPORTS,
    SENDING,
)

__all__ = ["GROUPS", "NEEDS_REASON", "PASSING", "PERMANENT", "RUN", "SERVE", "Item"]

SERVE = (
    *CALLS,
    *MODERN,
    *RECEIVING,
    *CHANGES,
    *LINE,
    *DOUBTFUL,
    *SENDING,
    *REPORTS,
    *ANSWERS,
    *REFUSALS,
)
"""What ``serve`` judges of software that connects to an axis."""
