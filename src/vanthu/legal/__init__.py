"""Legal: parameters that come from a text rather than from the code.

Holds the working calendar in force. Refuses to decide: rules of the rooms ask it for the value.
"""
