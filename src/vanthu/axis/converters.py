"""Codes of agencies and members as one part of a path: members and other axes name them, so any character may come.

Refuses to judge codes; ``wire_rules`` says which are taken in.
"""

from __future__ import annotations

import re

_ESCAPED = re.compile("~([0-9A-F]{2})")


class CodeConverter:
    """A path converter that takes whatever a code holds, a slash too, which a server would otherwise cut at."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """The code behind its part of the path."""
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)

    def to_url(self, value: str) -> str:
        """The part of the path for a code; nothing but dots would mean another folder (RFC 3986 section 5.2.4)."""
        escaped = "~/." if not value.strip(".") else "~/"
        return "".join(f"~{ord(letter):02X}" if letter in escaped else letter for letter in value)
