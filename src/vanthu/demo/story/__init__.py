"""The story: drives the whole path of a document over the running demonstration and judges what came of it.

Works through the sites' own doors, as each person whose step it is; then re-reads everything at both ends.
"""

from vanthu.demo.story.journey import Journey, tell_story
from vanthu.demo.story.report import StoryReport

__all__ = ["Journey", "StoryReport", "tell_story"]
