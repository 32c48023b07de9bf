"""Legal: parameters that come from a text rather than from the code.

Holds the working calendar in force, how documents travel and are recalled, who may sign with which prefix.
Refuses to decide: rules of the rooms ask it for the value.
"""
