"""Examples for the API's description, one module a feature; `everything` holds them all."""
