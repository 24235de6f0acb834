"""We call the world: one vendor a package, each behind a port of `bot.ports`. Vendor errors stop here."""
