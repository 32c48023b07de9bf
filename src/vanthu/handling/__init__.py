"""Handling: an incoming document from intake to finished work (NĐ 30/2020 Đ20–Đ24).

Owns the check report, registration or refusal, directive, assignments, progress and completion. Refuses to carry
packets (exchange) and to draft answers (issuing).
"""
