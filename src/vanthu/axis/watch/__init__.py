"""What the operator sees of the axis: traffic, queues, failures, packets, statistics. Reads and counts only.

Owns the questions and the thresholds that make something a matter for a person. Refuses to change state, but
for the count of refused calls, and to show anything of a document's content.
"""
