"""Demonstration material: a make-believe certificate authority, seals and handwritten signatures.

Owns what a person needs to try the product without real keys. Refuses to be used in production: every key here
has a well-known passphrase.
"""
