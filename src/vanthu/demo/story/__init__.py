"""The story: drives the whole path of a document over the running demonstration and judges what came of it.

Works through the sites' own doors, as each person whose step it is; then re-reads everything at both ends. Importing
the package loads nothing else, for every ``vanthu`` process passes by here; the story itself is in ``journey``.
"""
