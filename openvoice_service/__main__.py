"""`python -m openvoice_service`."""

import os

# Our matrices are at most 60 wide: threads gain nothing on one, and sixteen requests whose threads
# wait for each other take ten times as long. Read once, when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# oneDNN keeps what it compiled for a layer and a length, about a megabyte each: 1,024 by default.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "512")

from openvoice_service.cli import main

main()
