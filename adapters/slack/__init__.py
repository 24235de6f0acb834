"""Slack, behind the ports `Chat` and `Directory`: Block Kit, the Web API client, and the loop that empties the outbox.

Nothing is decided here and no sentence written: messages come from the core and are only put into Slack's form.
"""
