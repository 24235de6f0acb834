"""The port `Traffic`, one package a router. Routers do not know each other."""
