"""Occasions: what a birthday or a farewell looks and sounds like, as data that anyone can add."""
