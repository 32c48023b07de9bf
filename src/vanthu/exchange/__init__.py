"""The agency's side of the axis: outbox, inbox, deliveries and their statuses.

Owns what is on its way and the proof that it went or came. Refuses to know why a document is sent
(``issuing``) and what is done with one that came (``handling``): they call its plain functions and listen to
its announcements.
"""
