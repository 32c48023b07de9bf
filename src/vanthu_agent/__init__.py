"""Lets a page of Vanthu sign with the token in the user's own computer.

A small program that listens on loopback for sites it was paired with, shows what is to be signed, asks for the
PIN in its own window and hands back nothing but signatures. Owns the device and the PIN. Refuses whatever does
not come from a paired site, and to sign anything but the signed attributes of a CMS signature made for the
certificate on the token. Stands alone: the standard library, python-pkcs11 and its asn1crypto.
"""

VERSION = "0.1.0"
PORT = 27182
"""Where it listens on 127.0.0.1 unless told otherwise."""
