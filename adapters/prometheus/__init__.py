"""Prometheus, behind the port `Metrics`: Istio's standard metrics as its query language asks for them.

Nothing is judged here: what the source says, and what it does not say, is passed on.
"""
