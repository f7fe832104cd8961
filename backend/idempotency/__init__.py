"""`Idempotency-Key`: a write that is sent again is answered again, and done once.

source: draft-ietf-httpapi-idempotency-key-header-07 (2025)
"""
