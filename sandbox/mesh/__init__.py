"""A small service mesh on loopback: Istio's objects in, a real Envoy, real HTTP servers, real requests.

`Mesh` watches a Kubernetes API and writes Envoy's configuration files, `Envoy` runs the proxy, `UpstreamFleet` gives
each pod a listening socket, `LoadGenerator` sends requests, `Telemetry` says what clients saw, `MetricsExporter`
turns Envoy's own counters into Istio's standard metrics. Nothing here decides about releases, and nothing here
imports the bot: what it knows of a release is what stands in the cluster's objects.
"""
