"""Records: documents, their files and links, registers with gap-free numbers, who takes part, what waits for whom.

Owns the one access rule. Refuses to know workflows: ``Document.state`` is a word of the room that works on it.
"""
