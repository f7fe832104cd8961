"""A plugin of pytest: leaves out what was tested already and knows of no database."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that have a database, by the fixture that makes it."""
    items[:] = [item for item in items if "new_databases" in getattr(item, "fixturenames", ())]
