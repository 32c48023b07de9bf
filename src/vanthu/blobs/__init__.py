"""Blobs: content-addressed files. Owns bytes by their SHA-256; refuses to overwrite and to know what they mean."""
