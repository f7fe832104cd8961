"""`python -m infra.schedule_lambda.pack OUT.zip`: the function as Lambda wants it uploaded.

The same sources give the same bytes, so that an unchanged function is no change to Terraform.
"""

import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ROOT = Path(__file__).resolve().parents[2]
MODULES = ("__init__", "decide", "handler", "holidays")
HANDLER = "infra.schedule_lambda.handler.handler"
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def pack(out: Path) -> None:
    """Write the archive."""
    out.parent.mkdir(parents=True, exist_ok=True)
    files = ["infra/__init__.py", *(f"infra/schedule_lambda/{name}.py" for name in MODULES)]
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name in files:
            entry = ZipInfo(name, LONG_AGO)
            entry.external_attr = 0o644 << 16
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, (ROOT / name).read_bytes())


if __name__ == "__main__":
    pack(Path(sys.argv[1]))
