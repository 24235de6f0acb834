"""The one door to the Kubernetes API, and to the vendor package `kubernetes`, which nobody else may import.

It knows objects as the JSON they are, time-outs, patience, priorities and watches. It may not know what a release, a canary or
a route is. Errors leave it as those of `bot.errors`.
"""
