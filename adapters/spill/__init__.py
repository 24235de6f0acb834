"""What goes on while the store is away: an outbox in memory, an audit log on disk, each in front of the one it falls back for.

Ports alone are known here, no vendor.
"""
