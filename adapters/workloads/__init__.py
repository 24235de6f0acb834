"""Deployments behind the port `Workloads`: stable is read and patched sparingly, the canary is made and removed.

What a rollout means belongs here; which traffic it gets, and when, does not.
"""
