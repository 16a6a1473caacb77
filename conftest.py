"""Settings of pytest for a checkout: the conformance plugin comes by its entry point, once the project is installed."""
