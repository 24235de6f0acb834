"""Lockmaster's core: decides everything, touches nothing. No vendor of a cluster, a chat or a store is imported here."""
