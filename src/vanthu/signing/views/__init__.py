"""Doors of the signing room by subject: devices, the authority to sign, certificates."""
