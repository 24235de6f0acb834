"""The API over HTTP: paths, content negotiation, streams. What a write means stands in `registry`, not here."""
