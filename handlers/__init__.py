"""The world calls us: Slack, alert webhooks, health probes.

What was said is checked, put into plain values and given to a desk of the core. No rule is decided here,
no cluster touched, no adapter known.
"""
