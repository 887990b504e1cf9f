"""A PostgreSQL server of its own, on a socket in a directory of its own."""

import getpass
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER_USER = "nobody"  # the server refuses to run as root


def missing() -> str:
    """Return why no server can be started, "" if one can."""
    for program in ("initdb", "pg_ctl"):
        if _program(program) is None:
            return f"{program} is not installed (Debian: postgresql)"
    return ""


@contextmanager
def server() -> Iterator[str]:
    """Run a server and give the address of its database."""
    directory = Path(tempfile.mkdtemp(prefix="floorbook-postgres-"))
    data = directory / "data"
    user = SERVER_USER if os.geteuid() == 0 else getpass.getuser()
    if os.geteuid() == 0:
        shutil.chown(directory, SERVER_USER)
    options = f"-c listen_addresses= -c unix_socket_directories={directory} -c fsync=off"
    try:
        _run("initdb", "-D", str(data), "-A", "trust", "--no-sync", "-U", user)
        log = str(directory / "log")
        _run("pg_ctl", "-D", str(data), "-w", "-l", log, "-o", options, "start")
        yield f"postgresql://{user}@/postgres?host={directory}"
    finally:
        if (data / "postmaster.pid").exists():
            _run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
        shutil.rmtree(directory, ignore_errors=True)


def _run(program: str, *arguments: str) -> None:
    found = _program(program)
    assert found is not None
    command = [found, *arguments]
    if os.geteuid() == 0:
        command = ["su", "-s", "/bin/sh", SERVER_USER, "-c", shlex.join(command)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")


def _program(name: str) -> str | None:
    """Return where a program of the server is; Debian keeps them out of the way."""
    found = shutil.which(name)
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return found or (str(newest[-1]) if newest else None)
