"""Samples in, verdict out: pure. What cannot be shown is never healthy."""
