"""A Prometheus to ask: the real program where it is installed, else an emulator of what a release bot needs of it.

The emulator scrapes targets, keeps a quarter of an hour in memory, and answers instant and range queries in
Prometheus's own words. PromQL is read by a real parser; an expression outside the supported part is refused, never
answered nearly. Nothing here knows what the metrics mean.
"""
