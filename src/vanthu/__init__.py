"""Vanthu: document management and operation for Vietnamese state agencies, and the axis between them.

One distribution, two kinds of site (agency, axis); one package per room, described in docs/architecture.md.
"""

__version__ = "0.1.0"
