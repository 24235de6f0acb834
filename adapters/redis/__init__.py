"""Redis or Valkey: locks, records, journal and outbox.

Only `door` meets the vendor; every decision that two could race for is a Lua script. All keys begin with one hash tag, so that a
script may touch any of them on a cluster as well.
"""
