"""The world calls us: Slack, alert webhooks, health probes. Builds commands and calls use cases; never touches a cluster."""
