"""The port `Traffic` on Istio's VirtualService and DestinationRule.

Objects are read and written as the JSON they are, so that fields we do not know stay. When a release may move belongs elsewhere.
"""
