"""`python -m infra.tests.moto_account`: moto's server in a process, so an account, of its own.

It prints its address. Moto knows every call that the plan makes but two of EFS: setting a backup
policy and taking a file system's policy away. Here they do what AWS's documentation says.
"""

import json
import os
import sys
from typing import Any

# moto reads it when its backends are made
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

from moto.efs.responses import EFSResponse
from moto.server import ThreadedMotoServer

POLICIES: dict[str, str] = {}


def put_backup_policy(response: Any) -> tuple[str, dict[str, Any]]:
    """Keep what is set."""
    policy = response._get_param("BackupPolicy")
    POLICIES[response._get_param("FileSystemId")] = policy["Status"]
    return _policy(policy["Status"])


def describe_backup_policy(response: Any) -> tuple[str, dict[str, Any]]:
    """Tell what was set, off included: moto's own answer knows on alone."""
    return _policy(POLICIES.get(response._get_param("FileSystemId"), "DISABLED"))


def delete_file_system_policy(response: Any) -> tuple[str, dict[str, Any]]:
    """Forget a file system's policy."""
    file_systems = response.efs_backend.file_systems_by_id
    file_systems[response._get_param("FileSystemId")].file_system_policy = None
    return "", {"Content-Type": "application/json"}


def _policy(status: str) -> tuple[str, dict[str, Any]]:
    return json.dumps({"BackupPolicy": {"Status": status}}), {"Content-Type": "application/json"}


def main() -> None:
    """Serve until the pipe to the test that started it is closed."""
    for call in (put_backup_policy, describe_backup_policy, delete_file_system_policy):
        setattr(EFSResponse, call.__name__, call)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
