# SPDX-License-Identifier: MIT
"""Kills or stops random ranks of a training at random moments, lets it go on with a random number of
ranks, and compares what it ends with to the bytes of an undisturbed run of one process.

    bench/run rank_kills [--kills 100] [--seed 0] [--out docs/results/rank_kills.json]

How a rank is hit: SIGKILL, SIGSTOP (it hangs), SIGTERM (all save and stop). After each the others must
end within 30 s with one line. Every line of the log is one hit: whom, how, when, in which checkpoint's
making, how long the others took, what they said.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time

from kills import ENVIRONMENT, PROGRAM, Training, in_the_making, versions, write_log

LIMIT = 30  # [s] within which the others end


def ranks_of(process):
    """Ids of its ranks, by rank."""
    text = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(word) for word in text.split()]


def last_step(run):
    steps = [int(path.name[5:]) for path in (run / "checkpoints").glob("step_*[0-9]")]
    return max(steps, default=0)


def start(work, folder, ranks, log):
    """The training from its start, or from its last checkpoint, on `ranks` ranks."""
    arguments = work.resume(folder)
    # train.threads decides the order of sums, not how many ranks there are.
    more = ["train.threads=2"] if "--resume" not in arguments else []
    more.append("parallel.start_timeout=20")  # a rank may be stopped before it comes
    words = [*arguments, *more] + (["--ranks", str(ranks)] if ranks > 1 else [])
    return subprocess.Popen([str(PROGRAM), *words], stdout=subprocess.DEVNULL, stderr=log,
                            env=ENVIRONMENT)


def wait_for_progress(process, run, steps, limit=120):
    """Until it has made `steps` more checkpoints, or ended."""
    begin, until = last_step(run), time.monotonic() + limit
    while process.poll() is None and last_step(run) < begin + steps and time.monotonic() < until:
        time.sleep(0.005)


def hit(work, folder, draw):
    """One hit of a running training; what the log says of it. None where it was done before."""
    run, ranks = pathlib.Path(folder) / "run", draw.choice([2, 2, 3, 4])
    how = draw.choice(["SIGKILL", "SIGKILL", "SIGKILL", "SIGSTOP", "SIGTERM"])
    early = draw.random() < 0.2  # while ranks meet or load
    with tempfile.TemporaryFile("w+") as log:
        process = start(work, folder, ranks, log)
        if early:
            time.sleep(draw.uniform(0.05, 1.5))
        else:
            wait_for_progress(process, run, draw.randrange(1, 40))
            time.sleep(draw.uniform(0, 0.05))
        ids = ranks_of(process) if process.poll() is None else []
        if len(ids) != ranks:
            process.wait()
            return None
        rank = draw.randrange(ranks)
        entry = {"ranks": ranks, "rank": rank, "how": how, "early": early, "step": last_step(run)}
        os.kill(ids[rank], getattr(signal, how))
        hit_at = time.monotonic()
        left = [pathlib.Path(f"/proc/{each}") for k, each in enumerate(ids) if k != rank]
        running = lambda: [path for path in left if path.exists() and "\nState:\tZ" not in
                           (path / "status").read_text()]
        while time.monotonic() - hit_at < 2 * LIMIT:
            try:
                if not running():
                    break
            except OSError:
                continue
            time.sleep(0.02)
        entry["others ended after"] = round(time.monotonic() - hit_at, 2)
        entry["in a write"] = in_the_making(folder)
        entry["exit"] = process.wait(timeout=4 * LIMIT)
        log.seek(0)
        lines = log.read().splitlines()
    entry["said"] = [line for line in lines if line.startswith("error:") or "stopped by" in line]
    # A signal before training began ends that rank as if nobody caught it.
    expected = (75, 1) if how == "SIGTERM" else (1,)
    entry["as it should"] = (entry["exit"] in expected and len(entry["said"]) == 1
                             and entry["others ended after"] <= LIMIT)
    return entry


def finish(work, folder, draw):
    """Goes on until it is done, on any number of ranks; the error if it cannot."""
    with tempfile.TemporaryFile("w+") as log:
        process = start(work, folder, draw.choice([1, 2, 3]), log)
        process.wait()
        log.seek(0)
        return None if process.returncode == 0 else log.read().strip().splitlines()[-1:]


def write(log, wrong, arguments):
    """The file of all hits so far; its summary."""
    longest = max((entry["others ended after"] for entry in log), default=0)
    summary = {"command": f"bench/run rank_kills --kills {arguments.kills} --seed {arguments.seed}",
               "versions": versions(), "hits": len(log), "wrong": wrong,
               "longest": longest, "inside a write": sum(bool(e["in a write"]) for e in log)}
    write_log(arguments.out, summary, log)
    return summary


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="docs/results/rank_kills.json")
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    log, wrong = [], 0
    with tempfile.TemporaryDirectory() as base:
        subprocess.run([PROGRAM, "collect", "--env", "InvertedPendulum-v5", "--algorithm", "random",
                        "--steps", "2000", "--out", f"{base}/data.hdf5"], check=True,
                       env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        work, folder = Training(base), tempfile.mkdtemp(dir=base)
        with tempfile.TemporaryFile("w+") as quiet:
            if start(work, folder, 1, quiet).wait() != 0:
                raise SystemExit("the undisturbed run failed")
        wanted = work.result(folder)
        while len(log) < arguments.kills:
            shutil.rmtree(folder)
            folder = tempfile.mkdtemp(dir=base)
            entries = []
            for _ in range(draw.randrange(2, 7)):  # each goes on from what the last one left
                entry = hit(work, folder, draw)
                if entry is None:
                    break
                entries.append(entry)
            error = finish(work, folder, draw)
            same = error is None and work.result(folder) == wanted
            for entry in entries:
                entry["same bytes"] = same
                if error:
                    entry["cannot go on"] = error
                if not (same and entry["as it should"]):
                    wrong += 1
                    print("WRONG:", json.dumps(entry), flush=True)
            log += entries
            print(f"{len(log)} hits, {wrong} wrong", flush=True)
            summary = write(log, wrong, arguments)  # what a stopped campaign has seen is not lost
    print(json.dumps(summary))
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
