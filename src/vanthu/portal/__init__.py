"""The doors for everybody: checking a document's signatures, looking up a copy. Nobody signs in here.

Owns what strangers may ask, how often, and in which words they are answered. Refuses to keep what they upload and to
tell more about a copy than its paper says.
"""
