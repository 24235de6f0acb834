"""A small real world on loopback to try Lockmaster in. Knows nothing of the bot but its outside interfaces."""
