"""Music that the project plays itself, so that its rights are clear: scores as data, no samples."""
