"""Signing: keys and their owners, trust list, validation results kept as evidence.

Owns whose key signs and what a signature was found to be. Refuses to decide what may be signed when: that is the
work rooms' business.
"""
