"""The axis' modern door (``/axis/v2/``): signed HTTP calls that do what the VXP operations do, by the same verbs.

Owns how these calls look, keys of members, waiting for packets, and webhooks. Refuses to accept, hand over or
acknowledge in any way of its own.
"""
