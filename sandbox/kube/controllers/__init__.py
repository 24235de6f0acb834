"""The controllers and the kubelet: they read the store and write through the registry, as clients of the API would.

None of them knows HTTP, and none calls another: each is told of changes and looks at what is there now.
"""
