"""Copies that an agency makes of documents: sao y, sao lục, trích sao, on paper and electronic (NĐ 30/2020 Đ25–27).

Owns the register of copies with their one yearly sequence, who may make them, what is written on them, and the code by
which anybody can look one up (NĐ 137/2024 Đ4–5). Refuses to change the document that is copied.
"""
