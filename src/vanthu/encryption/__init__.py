"""Encryption of documents between agencies: the keys that open, the certificates to encrypt to, who asked for it.

Stands on ``cms``. Refuses to keep a passphrase, to carry anything, and to take encryption for a permission: what
must not travel does not travel encrypted either (QĐ 33/2019/QĐ-UBND Đ13; requirements R110, R111).
"""
