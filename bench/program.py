# SPDX-License-Identifier: MIT
"""The program, called by measurements that train: one thread each, several processes at once."""
import argparse
import concurrent.futures
import json
import os
import resource
import subprocess
import sys

LONGPLAY = os.path.abspath(os.environ.get("LONGPLAY", "build/release/longplay"))


def longplay(*arguments, folder="."):
    """What a command prints with --json, run in `folder`."""
    done = subprocess.run([LONGPLAY, *arguments, "--json"], cwd=folder, check=True, text=True,
                          stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"})
    return json.loads(done.stdout)


def in_one_line(kind, error, trace):
    """A command's own message stands above: where Python called it from helps nobody."""
    if issubclass(kind, subprocess.CalledProcessError):
        command = " ".join([os.path.basename(error.cmd[0]), *error.cmd[1:2]])
        sys.exit(f"error: {command} ended with exit code {error.returncode}; its message stands above")
    sys.__excepthook__(kind, error, trace)


sys.excepthook = in_one_line


def positive(text):
    """For options that count something."""
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text}")


def processor_seconds():
    """Of all programs that were called so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write_whole(path, text):
    """The text with one line's end behind it, whole or not at all; several processes may."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    part = f"{path}.{os.getpid()}.part"
    with open(part, "w", encoding="utf-8") as file:
        file.write(text.rstrip("\n") + "\n")
    os.replace(part, path)


def write_result(path, result):
    """As JSON; nothing without a path."""
    if path:
        write_whole(path, json.dumps(result, indent=1))


def compare_in_parts(*arguments, out, processes, folder="."):
    """`longplay compare`, its runs shared among several processes."""
    with concurrent.futures.ThreadPoolExecutor(processes) as pool:
        list(pool.map(lambda _: longplay("compare", *arguments, "--out", out, folder=folder),
                      range(processes)))


def compare(*arguments, out, processes, folder="."):
    """The same: its rows, and its plan (comparison.json)."""
    compare_in_parts(*arguments, out=out, processes=processes, folder=folder)
    rows = longplay("compare", *arguments, "--out", out, "--report-only", folder=folder)["rows"]
    with open(os.path.join(folder, out, "comparison.json")) as file:
        return rows, json.load(file)
