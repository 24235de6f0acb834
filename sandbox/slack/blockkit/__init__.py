"""What Slack accepts as blocks and views, and the words in which it refuses the rest.

Pure: values in, complaints out. Nothing here knows the workspace or HTTP.
"""

from sandbox.slack.blockkit.identity import with_ids
from sandbox.slack.blockkit.message import block_complaints, is_too_long
from sandbox.slack.blockkit.view import view_complaints

__all__ = ["block_complaints", "is_too_long", "view_complaints", "with_ids"]
