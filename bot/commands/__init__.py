"""What people type, as a closed set of values: grammar, parser, canonical text, help.

Nothing here knows a catalogue, a clock, Slack or a cluster: whether a service exists, and whether somebody
may do a thing, is decided elsewhere. Only the values of `bot.release` (version, weight, duration, gate), lark
and the standard library may be imported.
"""
