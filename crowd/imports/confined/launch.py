"""Takes memory, files, CPU and the network away from itself, then becomes the command it is given.

A script and no `preexec_fn`, which is unsafe where the caller has threads. The network goes by a network
namespace of its own where the kernel lets us have one; where not, the command's own whitelist still stands.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys

NEW_USER, NEW_NET, NO_NEW_PRIVILEGES = 0x10000000, 0x40000000, 38


def leave_network() -> None:
    """Move into an empty network namespace, if this kernel and this user may."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None)
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if libc.unshare(NEW_NET):
        libc.unshare(NEW_USER | NEW_NET)


def main(memory_bytes: int, file_bytes: int, cpu_seconds: int, command: list[str]) -> None:
    """Become `command`; a limit of 0 seconds leaves the CPU to the command itself."""
    leave_network()
    if sys.platform.startswith("linux"):  # macOS refuses limits on address space
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if cpu_seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    os.execv(command[0], command)  # noqa: S606  no shell is what we want


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
