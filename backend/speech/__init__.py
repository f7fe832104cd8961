"""The speech service as the backend sees it."""
