"""What the operator decides: settings from the environment, the catalogue of services from a file. Frozen, checked at start."""
