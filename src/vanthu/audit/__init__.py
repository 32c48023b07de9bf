"""Audit: the append-only, hash-chained event log of each agency. Nothing changes without a line in it.

Owns the log, its chain and its verification. Refuses to be edited: the database forbids UPDATE and DELETE.
"""
