"""What keeps telling people while the store is away: an outbox in memory, and one that falls back on it.

Ports alone are known here, no vendor.
"""
