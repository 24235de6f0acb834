"""The Web API: one function a method, each from checked arguments to an answer.

The functions touch the tenant they are given and nothing else: no HTTP, no clock, no waiting.
"""
