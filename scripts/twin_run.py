#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Do two builds of longplay behave the same, byte for byte?

  scripts/twin_run.py OLD NEW [--work DIR] [--only PATTERN] [--jobs 2] [--data FOLDER ...]

OLD and NEW are two programs, of two commits for instance. Both do what scripts/twin_cases.py lists:
train, play, read, convert, refuse. Everything that they write and say is compared; of what differs
the first place is named, with both values. Exit code 0: all is equal.

What a program has done is kept in DIR, and done anew only when the program, the case or what it
reads has changed: of many comparisons with one OLD, only the first runs it.

Not compared: times, speeds and memory in use, and progress on stderr. A difference in the text of a
configuration or in a version is a note: it counts as a difference unless --ignore-config is given.
"""
import argparse
import concurrent.futures
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import twin_cases
from twin_compare import IGNORED, REPO, compare_folders


# ---- running ----------------------------------------------------------------------------------

class Half:
    """What one program does, kept in a folder."""

    def __init__(self, program, folder, data, renames=()):
        self.program, self.folder, self.data = str(pathlib.Path(program).resolve()), folder, data
        self.renames = [rename.split(":", 1) for rename in renames]
        self.inputs = hashlib.sha256(pathlib.Path(program).read_bytes())

    def words(self, command):
        """The command's environment and arguments."""
        words = shlex.split(command.replace("{data}", str(self.data)).replace("{repo}", str(REPO)))
        environment = dict(os.environ, OMP_NUM_THREADS="1", OMP_WAIT_POLICY="passive")
        while words and re.match("[A-Z_]+=", words[0]):
            name, value = words.pop(0).split("=", 1)
            environment[name] = value
        for old, new in self.renames:
            words = [new + word[len(old):] if word.startswith(old) else word for word in words]
        return environment, words

    def run(self, name, commands):
        """The case's folder, with what was said in said.json; run only if it is not there."""
        folder = self.folder / re.sub("[^A-Za-z0-9_.-]", "_", name)
        key = self.inputs.copy()
        key.update(json.dumps([self.words(command)[1] for command in commands]
                              + [c.split()[:1] for c in commands]).encode())
        said = folder / "said.json"
        if said.exists() and json.loads(said.read_text())["key"] == key.hexdigest():
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        start, told = time.time(), []
        for command in commands:
            environment, words = self.words(command)
            done = subprocess.run([self.program, *words], cwd=folder, env=environment,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True)
            kept = [line for line in re.split("[\r\n]", done.stderr)
                    if line.startswith(("error:", "note:", "warning:"))]
            told.append({"command": " ".join(words), "exit code": done.returncode,
                         "stdout": done.stdout, "stderr": kept})
        said.write_text(json.dumps({"key": key.hexdigest(), "start": start, "end": time.time(),
                                    "told": told}, indent=1))
        return folder


# ---- what the cases use of the configuration ---------------------------------------------------

def read_config(path):
    """[(section.key, value)] of an effective configuration."""
    section, found = "", []
    for line in path.read_text().splitlines():
        key, value = line.split("#")[0].split(":", 1)
        if line[0] != " ":
            section = key
        else:
            found.append((f"{section}.{key.strip()}", value.strip()))
    return found


def report_coverage(half, refusals):
    """Accepted values that no case has, and keys that have one value in all of them."""
    used, given = {}, set()
    for path in half.folder.rglob("config.yaml"):
        for key, value in read_config(path):
            items = re.findall(r"[\w.]+", value) if value[:1] == "[" else []
            used.setdefault(key, set()).update([value, *items])
    for said in half.folder.rglob("said.json"):
        for told in json.loads(said.read_text())["told"]:
            given |= set(told["command"].split()) if told["exit code"] == 0 else set()
    missing = []
    for told in json.loads((refusals / "said.json").read_text())["told"]:
        for key, values in re.findall("command line: ([a-z_0-9.]+): expected (?:one of|a list with)"
                                      " (.+), got", "".join(told["stderr"])):
            values = re.split(", or a list.*|, | and any of | or ", values)
            missing += [f"{key}={value}" for value in values if value and value not in used[key]
                        and f"{key}={value}" not in given]
    print("values that no case has:", ", ".join(sorted({*missing})) or "none")
    constant = sorted(key for key, values in used.items() if len(values) < 2)
    print("keys with one value in all cases:", ", ".join(constant) or "none")


# ---- the whole ---------------------------------------------------------------------------------

def prepare(arguments):
    """The claim on the folder, both halves, and the cases by name."""
    digest = [hashlib.sha256(pathlib.Path(p).read_bytes()).hexdigest()[:12]
              for p in (arguments.old, arguments.new)]
    root = arguments.work.resolve() / digest[0]
    data, twin = root / "data", "again" if digest[0] == digest[1] else digest[1]
    data.mkdir(parents=True, exist_ok=True)
    claim = open(root / "claim", "w")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"error: {root}: expected no other twin_run.py here, got one")
    halves = [Half(arguments.old, root / "old", data),
              Half(arguments.new, root / twin, data, arguments.rename)]
    for name, text in twin_cases.FILES.items():
        (data / name).write_text(text)
    made = halves[0].run("data", [f"{command} --out {name}"
                                  for name, command in twin_cases.DATA.items()]
                         + [f"train --data {name} train.steps=1 --out keys"
                            for name in list(twin_cases.DATA)[:1]] + ["env list --json"])
    for name in twin_cases.DATA:
        if not (made / name).exists():
            sys.exit(f"error: {arguments.old}: {name}: expected data, got none ({made}/said.json)")
        if not (data / name).exists() or (data / name).read_bytes() != (made / name).read_bytes():
            shutil.copyfile(made / name, data / name)
    environments = [entry["id"] for entry in
                    json.loads(json.loads((made / "said.json").read_text())["told"][-1]["stdout"])]
    read = [path for pattern in ("tests/*/fixtures/**/*", "zoo/*/*", "configs/tasks/*")
            for path in sorted(REPO.glob(pattern))] + sorted(data.iterdir())
    for path in read:
        if path.is_file():
            for half in halves:
                half.inputs.update(hashlib.sha256(path.read_bytes()).digest())
    keys = [key for key, _ in read_config(made / "keys/config.yaml")]
    cases = twin_cases.all_cases(REPO, environments, keys, arguments.data)
    return claim, halves, {name: c for name, c in cases.items() if re.search(arguments.only, name)}


def compare_all(halves, cases, jobs, ignore_config):
    """Prints a line for each case. Returns how many are equal, noted, different."""
    def both(case):
        folders = [half.run(*case) for half in halves]
        codes = [told["exit code"] for told in
                 json.loads((folders[0] / "said.json").read_text())["told"]]
        return case[0], codes, compare_folders(*folders)

    counts = {"equal": 0, "noted": 0, "different": 0}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for name, codes, found in pool.map(both, cases.items()):
            notes = [d for d in found if d.note]
            real = [d for d in found if not d.note]
            kind = "different" if real else "noted" if notes else "equal"
            counts[kind] += 1
            failed = sum(map(bool, codes))
            refused = f"  ({failed} of {len(codes)} commands fail)" if failed else ""
            print(f"{kind:9} {name}{refused}", flush=True)
            for d in real[:3] + ([] if ignore_config else notes[:2]):
                print(f"    {'note: ' if d.note else ''}{d}", flush=True)
            if len(real) > 3:
                print(f"    and {len(real) - 3} more", flush=True)
    return counts


# A file of a case, and what ends with the byte that is flipped (nothing: it is the middle one).
FLIPPED = [("train/attention/everything", "weights.safetensors", None),
           ("train/attention/everything", "training.safetensors", None),
           ("train/attention/everything", "sampler.txt", rb"[0-9]+(?= )"),
           ("train/attention/everything", "metrics.csv", rb"\n5,[0-9.e-]+(?=,)"),
           ("train/attention/everything", "actions.json", rb'"returns":[^0-9]+[0-9.]{9}'),
           ("train/attention/everything", "said.json", rb'"exit code": 0'),
           ("collect/random", "c.hdf5", None)]


def self_test(half, cases):
    """Flips one bit in copies of results: each has to be found and named."""
    failures = 0
    for name, file, pattern in FLIPPED:
        folder = half.run(name, cases[name])
        with tempfile.TemporaryDirectory() as copy:
            copy = pathlib.Path(shutil.copytree(folder, pathlib.Path(copy) / "case"))
            path = sorted(copy.rglob(file))[-1]
            content = bytearray(path.read_bytes())
            content[re.search(pattern, content).end() - 1 if pattern else len(content) // 2] ^= 1
            path.write_bytes(content)
            found = compare_folders(folder, copy)
            print(f"a bit of {file}: {found[0] if found else 'NOT FOUND'}")
            named = found and (file in found[0].place or file == "said.json")
            failures += not named or compare_folders(folder, folder) != []
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, fromfile_prefix_chars="@",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", help="a program")
    parser.add_argument("new", help="another; the same one twice shows what is not deterministic")
    parser.add_argument("--work", type=pathlib.Path, default=REPO / "build/twin",
                        help="where what they do is kept (build/twin)")
    parser.add_argument("--only", default="", metavar="PATTERN",
                        help="cases whose name has it (a regular expression)")
    parser.add_argument("--jobs", type=int, default=2, help="cases at a time (2)")
    parser.add_argument("--data", type=pathlib.Path, nargs="+", default=[], metavar="FOLDER",
                        help="more data sets to read, whole and damaged ones")
    parser.add_argument("--rename", action="append", default=[], metavar="OLD:NEW",
                        help="words that begin with OLD begin with NEW for the new program, "
                        "e.g. chain.packing=:chain.layout=; @FILE reads arguments, one a line")
    parser.add_argument("--ignore", action="append", default=[], metavar="NAME",
                        help="a key of JSON objects or a tensor that may differ or be gone")
    parser.add_argument("--ignore-config", action="store_true",
                        help="text of configurations and versions may differ")
    parser.add_argument("--list", action="store_true", help="name the cases and their commands")
    parser.add_argument("--self-test", action="store_true", help="are flipped bits found?")
    arguments = parser.parse_args()
    arguments.data = [folder.resolve() for folder in arguments.data]
    _claim, halves, cases = prepare(arguments)
    if arguments.list:
        for name, commands in cases.items():
            print(name, *commands, sep="\n    ")
        return 0
    if arguments.self_test:
        return 1 if self_test(halves[0], cases) else 0
    started = time.time()
    IGNORED.update(arguments.ignore)
    counts = compare_all(halves, cases, arguments.jobs, arguments.ignore_config)
    if "refused/values" in cases and not arguments.only:
        report_coverage(halves[0], halves[0].run("refused/values", cases["refused/values"]))
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()),
          f"in {time.time() - started:.0f} s")
    allowed = counts["equal"] + (counts["noted"] if arguments.ignore_config else 0)
    return 0 if allowed == len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
