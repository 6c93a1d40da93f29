"""The program in front of every decoder: it takes limits on itself, then becomes the command it was given.

`python -I -S limited.py '{"cpu": …}' command …`: limits outlive exec, and unlike subprocess's `preexec_fn`
nothing runs between fork and exec in a worker full of threads.
"""

import ctypes
import json
import os
import resource
import signal
import sys

NICE = 19  # pages before videos
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38


def become(limits: dict[str, int], command: list[str]) -> None:
    """`cpu` in seconds, `memory` (address space) and `file_size` in bytes, `files` open at once."""
    library = ctypes.CDLL(None)
    library.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # a worker that is killed leaves nobody at work
    library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # The hard limit on processor time is a second later: its SIGKILL would look like that of a full machine.
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu"], limits["cpu"] + 1))
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file_size"], limits["file_size"]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits["files"], limits["files"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICE)
    if hasattr(os, "SCHED_BATCH"):  # Linux: when it wakes up, it waits for its turn
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and what is ignored outlives exec
        signal.signal(number, signal.SIG_DFL)
    os.execv(command[0], command)  # noqa: S606 - absolute, and chosen by us


if __name__ == "__main__":
    become(json.loads(sys.argv[1]), sys.argv[2:])
