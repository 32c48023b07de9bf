"""Directory: agencies and their identifiers over time, units, people, posts and roles.

Owns who exists and who may be addressed. Refuses to know documents.
"""
