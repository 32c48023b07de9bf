"""One thing that is wrong with a packet, as a value.

Owns its shape; refuses to know the rules.
"""

from __future__ import annotations

from dataclasses import dataclass

from vanthu.edxml.citations import rule_of


@dataclass(frozen=True)
class Problem:
    """One thing wrong: stable code, element path, a Vietnamese sentence, whether it forbids sending."""

    code: str
    path: str
    text: str
    is_error: bool = True

    @property
    def rule(self) -> str:
        """Citation of the text that orders it."""
        return rule_of(self.path)
