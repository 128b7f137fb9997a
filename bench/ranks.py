# SPDX-License-Identifier: MIT
"""Ranks beside one process: 2 ranks of one thread each, and one process of two threads, at 16,384 tokens a step.

    bench/run ranks [--quick] [--ranks 2] [--repeats 3] [--out docs/results/ranks.json]
    bench/run ranks --long [--quick] [--data F] [--out docs/results/ranks_long.json]

Each row trains the same steps (4 layers of width 128, float32) on made-up recordings of HalfCheetah: as one
process, with the chains of a step shared out over ranks (two chains of 8,192 tokens or more), and with each
chain shared by the ranks (parallel.context: one chain of 16,384 tokens, and eight of 2,048). Told are tokens/s
as `longplay train --json` does, the best of the repeats, which take turns, so that all see the same machine,
and the most memory of one process [MiB]: of all ranks the largest.

--long: four ranks of one thread share one chain four times as long as one process of one thread has: Mamba-2 as
in configs/million/mamba2.yaml on 1,048,576 and 262,144 tokens, full attention on 65,536 and 16,384. One optimiser
step each. Told are its seconds, the seconds of cores that the whole command took (reading the data, too), and the most bytes that the
tensors of each rank held (the counting allocator: bench/meter_for_python.cpp). --data: one history of 1024
episodes of 1024 steps, made before as the first lines of configs/million/mamba2.yaml say, with a quarter of the
steps. A row that is in the file already is not measured again.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

PROGRAM = os.path.abspath(os.environ.get("LONGPLAY", "build/release/longplay"))
TOKENS = 16384
MIXERS = {"attention": ["model.mixer=attention"], "mamba2": ["model.mixer=mamba2"]}
LAYOUTS = {"one chain": 1, "two chains": 2, "eight chains": 8}


def peak_of(process, peaks):
    """Looks at the resident memory of a process and its children until it ends."""
    while process.poll() is None:
        try:
            ids = [process.pid] + [int(word) for word in pathlib.Path(
                f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
            for each in ids:
                found = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{each}/status").read_text())
                if found:
                    peaks[each] = int(found[1]) / 1024
        except OSError:
            pass
        time.sleep(0.05)


def train(data, folder, tokens, chains, words, ranks, threads):
    """One short training: tokens/s, and the most memory of one process."""
    command = [PROGRAM, "train", "--data", data, "--out", f"{folder}/run", "--json", "chain.episodes=17",
               f"chain.window={tokens // chains}", f"train.tokens_per_step={tokens}", "model.layers=4",
               "model.width=128", "train.log_every=1000", *words]
    if ranks > 1:
        command += ["--ranks", str(ranks)]
    shutil.rmtree(f"{folder}/run", ignore_errors=True)
    peaks = {}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               env={**os.environ, "OMP_NUM_THREADS": str(threads)})
    peak_of(process, peaks)
    out = process.communicate()[0]
    if process.returncode != 0:
        raise SystemExit("failed: " + " ".join(command))
    if ranks > 1:
        peaks.pop(process.pid, None)  # the launcher
    return json.loads(out)["tokens_per_second"], max(peaks.values())


MILLION = ["model.mixer=mamba2", "model.keep=layer_inputs", "model.tokens_at_once=4096"]
LONG = {"mamba2": (MILLION, 1048576), "attention": (["model.mixer=attention"], 65536)}
RANKS = 4  # that share a chain with --long


def one_step(data, folder, words, episodes, tokens, ranks):
    """A row: one optimiser step on one chain of so many episodes."""
    shutil.rmtree(folder, ignore_errors=True)
    meters = pathlib.Path(folder) / "meters"
    meters.mkdir(parents=True)
    meter = pathlib.Path("build/release/bench/liblongplay_meter.so")
    command = [PROGRAM, "train", "--data", data, "--out", f"{folder}/run", "--json", f"chain.episodes={episodes}",
               "chain.source=history", "chain.order=collected", "chain.target=chain_best", "model.layers=4",
               "model.width=128", "model.head=gaussian", f"train.tokens_per_step={tokens}", "train.steps=1",
               "train.warmup_steps=0", *words]
    if ranks > 1:
        command += ["--ranks", str(ranks), f"parallel.context={ranks}"]
    before = os.times()
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                         env={**os.environ, "OMP_NUM_THREADS": "1", "LD_PRELOAD": str(meter.resolve()),
                              "LONGPLAY_METER": str(meters)}).stdout
    after = os.times()
    peaks = [int(path.read_text()) / 2**20 for path in meters.iterdir()]
    seconds = tokens / json.loads(out)["tokens_per_second"]
    # The process that starts the ranks holds none.
    return {"tokens": tokens, "ranks": ranks, "seconds": round(seconds, 1),
            "cpu_seconds_with_reading": round(after.children_user + after.children_system -
                                              before.children_user - before.children_system, 1),
            "peak_mib": sorted((round(peak, 1) for peak in peaks if peak > 0), reverse=True)}


def long_chains(arguments):
    """The rows of --long, each written when it is there."""
    length = 64 if arguments.quick else 1024  # [steps] of an episode
    out = pathlib.Path(arguments.out)
    rows = json.loads(out.read_text())["rows"] if out.exists() else []
    version = json.loads(subprocess.run([PROGRAM, "--version", "--json"], check=True, text=True,
                                        capture_output=True).stdout)
    with tempfile.TemporaryDirectory() as folder:
        data = arguments.data or f"{folder}/data.hdf5"
        if not arguments.data:
            subprocess.run([PROGRAM, "collect", "--env", "family/point-goal-v0", "--algorithm", "search", "--steps",
                            str(1024 * length), "--max-episode-steps", str(length), "--episodes-per-history",
                            "1024", "--out", data], check=True, stdout=subprocess.DEVNULL)
        for mixer, (words, whole) in LONG.items():
            for ranks in (1, RANKS):
                episodes = whole * ranks // RANKS // 1024
                if any(row["mixer"] == mixer and row["ranks"] == ranks for row in rows):
                    continue
                row = one_step(data, f"{folder}/step", words, episodes, episodes * length, ranks)
                rows.append({"mixer": mixer, **row})
                print(json.dumps(rows[-1]), flush=True)
                text = ",\n".join(" " + json.dumps(row) for row in rows)
                out.parent.mkdir(parents=True, exist_ok=True)
                out.write_text(json.dumps({"command": "bench/run ranks --long", "versions": version})[:-1] +
                               ', "rows": [\n' + text + "\n]}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--data", help="for --long")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out")
    arguments = parser.parse_args()
    arguments.out = arguments.out or f"docs/results/ranks{'_long' if arguments.long else ''}.json"
    if arguments.long:
        return long_chains(arguments)
    ranks, tokens = arguments.ranks, 2048 if arguments.quick else TOKENS
    repeats, steps = (1, 2) if arguments.quick else (arguments.repeats, 6)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/data.hdf5"
        subprocess.run([PROGRAM, "collect", "--env", "HalfCheetah-v5", "--algorithm", "random", "--steps",
                        "40000", "--out", data], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        for mixer, own in MIXERS.items():
            for layout, chains in LAYOUTS.items():
                ways = {"one process": (1, ranks, []),
                        "context": (ranks, 1, [f"parallel.context={ranks}"])}
                if chains >= ranks:
                    ways["data"] = (ranks, 1, [])
                best = {way: (0, 0) for way in ways}
                for _ in range(repeats):
                    for way, (processes, threads, more) in ways.items():
                        words = [*own, *more, f"train.steps={steps}"]
                        best[way] = max(best[way],
                                        train(data, folder, tokens, chains, words, processes, threads))
                base = best["one process"][0]
                for way, (speed, memory) in best.items():
                    rows.append({"mixer": mixer, "chains": chains, "tokens": tokens, "way": way,
                                 "tokens_per_second": round(speed), "of_one": round(speed / base, 3),
                                 "peak_mib": round(memory)})
                    print(json.dumps(rows[-1]), flush=True)
    version = json.loads(subprocess.run([PROGRAM, "--version", "--json"], check=True, text=True,
                                        capture_output=True).stdout)
    out = pathlib.Path(arguments.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    command = f"bench/run ranks --ranks {ranks} --repeats {repeats}"
    text = ",\n".join(" " + json.dumps(row) for row in rows)
    out.write_text(json.dumps({"command": command, "versions": version})[:-1] + ', "rows": [\n' + text +
                   "\n]}\n")


if __name__ == "__main__":
    main()
