"""Durable rendering: outbox, engine, workflows and the worker process."""
