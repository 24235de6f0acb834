"""What people can ask for: one file a family of commands. They change the record and wake the reconciler.

Nothing here touches a cluster, and nothing here knows Slack.
"""
