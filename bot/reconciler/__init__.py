"""The one that changes clusters: grant, observe, decide, act, record, tell; level-triggered and the same for every cause.

Nothing here knows how a command was typed; nothing here is called by what it calls.
"""
