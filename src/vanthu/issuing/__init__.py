"""Issuing: an outgoing document from its draft to dispatch (NĐ 30/2020 Đ10–Đ18).

Owns drafts, comments, submission, signature, number, seal and dispatch, in the order of the law. Refuses to
carry packets (exchange) and to know keys (signing).
"""
