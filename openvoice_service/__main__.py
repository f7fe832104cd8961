"""`python -m openvoice_service`."""

from openvoice_service.cli import main

main()
