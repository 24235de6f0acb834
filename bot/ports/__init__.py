"""What the core needs of the world, one Protocol a file, at most seven verbs each. No vendor, no implementation.

Every verb may raise `bot.errors.Unavailable`; those that write may raise `bot.errors.Conflict`; those that touch an object of the
cluster may raise `bot.errors.TargetGone`.
"""
