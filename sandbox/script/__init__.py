"""Conversations as files: a small language, and a player that prints what everybody saw.

A script does only what a person, kubectl or a broken machine can do, and looks only at what those see. Nothing of `bot`,
`handlers` or `adapters` may be imported here.
"""
