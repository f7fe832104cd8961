"""Telling programs elsewhere what happened, by the Standard Webhooks specification."""
