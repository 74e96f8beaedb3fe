"""What the checks in Python share: comparing, free ports, servers that end with the process, and its end."""

import atexit
import socket
import subprocess
import sys
import tempfile

failed = 0


def same(title, found, expected):
    """Says whether something came out as expected."""
    global failed
    if found == expected:
        print(f"ok  {title}")
    else:
        failed += 1
        print(f"BAD {title}\n  found    {found}\n  expected {expected}")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def start(*command):
    """Starts a server on a free port, which its command gets for PORT, and waits until it says that it is ready: its port."""
    port = free_port()
    log = tempfile.TemporaryFile("w+")
    command = [str(port) if it == "PORT" else str(it) for it in command]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    atexit.register(server.kill)
    if server.stdout.readline().strip() != "ready":
        log.seek(0)
        raise SystemExit(f"{command} does not start: {log.read()}")
    return port


def finish():
    """Ends the process, with a failure if a check does not hold."""
    sys.exit(f"{failed} do not hold" if failed else 0)
