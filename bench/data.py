# SPDX-License-Identifier: MIT
"""Reading data: longplay beside Minari, on files that Minari and h5py wrote.

    bench/run data [--quick] [--out FILE.json]

Speed on 500 episodes x 1000 steps x (17 observations, 6 actions) in Minari's layout: episode after
episode, and random chains of 32 episodes. `data info` of a million rows of (17, 6) compressed numbers:
processor time of the whole program, beside Python and h5py that load the arrays and do nothing. Memory on a flat file of four times 256 MiB of float32
steps: the largest anonymous memory of the process while it opens, packs, reads and draws chains.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.metadata import version

from program import processor_seconds, write_result

PINS = {"minari": "0.5.3", "h5py": "3.16.0"}
EPISODES, STEPS, OBSERVATIONS, ACTIONS, CHAIN = 500, 1000, 17, 6, 32
BUDGET = 256 << 20


def write_minari(folder, episodes):
    os.environ["MINARI_DATASETS_PATH"] = folder
    warnings.simplefilter("ignore")
    import gymnasium
    import minari
    import numpy as np
    from minari.data_collector import EpisodeBuffer
    random = np.random.default_rng(0)
    buffers = [EpisodeBuffer(
        id=i, seed=i, observations=random.normal(size=(STEPS + 1, OBSERVATIONS)),
        actions=random.uniform(-1, 1, size=(STEPS, ACTIONS)).astype(np.float32),
        rewards=random.normal(size=STEPS).tolist(), terminations=[False] * STEPS,
        truncations=[False] * (STEPS - 1) + [True], infos={}) for i in range(episodes)]
    box = gymnasium.spaces.Box
    minari.create_dataset_from_buffers(
        "bench/data-v0", buffers, observation_space=box(-np.inf, np.inf, (OBSERVATIONS,)),
        action_space=box(-1, 1, (ACTIONS,)))
    return minari.load_dataset("bench/data-v0"), os.path.join(folder, "bench", "data-v0")


def write_flat(path, steps):
    import h5py
    import numpy as np
    random = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        for name, width in (("observations", OBSERVATIONS), ("actions", ACTIONS), ("rewards", 0)):
            shape = (steps, width) if width else (steps,)
            array = file.create_dataset(name, shape, np.float32)
            for start in range(0, steps, 1 << 18):
                rows = min(1 << 18, steps - start)
                array[start:start + rows] = random.uniform(-1, 1, (rows,) + shape[1:])
        timeouts = np.zeros(steps, bool)
        timeouts[STEPS - 1::STEPS] = True
        file["timeouts"] = timeouts
        file["terminals"] = np.zeros(steps, bool)


def write_compressed(path, steps):
    import h5py
    import numpy as np
    random = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        def add(name, array):
            file.create_dataset(name, data=array, compression="gzip")
        walk = random.normal(size=(steps, OBSERVATIONS)).cumsum(0) / 100
        add("observations", walk.astype(np.float32))
        add("actions", random.uniform(-1, 1, (steps, ACTIONS)).astype(np.float32))
        add("rewards", random.normal(size=steps).astype(np.float32))
        add("terminals", np.zeros(steps, bool))
        timeouts = np.zeros(steps, bool)
        timeouts[STEPS - 1::STEPS] = True
        add("timeouts", timeouts)


def seconds_of(arguments):
    """Of a program and its children, user and system."""
    before = processor_seconds()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return processor_seconds() - before


def compare_info(path, rounds):
    load = "import h5py, sys\nwith h5py.File(sys.argv[1]) as f:\n  d = {k: f[k][()] for k in f}\n"
    turns = [(seconds_of(["build/release/longplay", "data", "info", path, "--json"]),
              seconds_of([sys.executable, "-c", load, path]),
              seconds_of(["build/release/longplay", "--version"])) for _ in range(rounds)]
    return {"longplay_seconds": round(statistics.median(a for a, b, c in turns), 3),
            "h5py_seconds": round(statistics.median(b for a, b, c in turns), 3),
            "ratio": round(statistics.median(a / b for a, b, c in turns), 2),
            "of_which_longplay_starts": round(statistics.median(c for a, b, c in turns), 3)}


def longplay(path, seconds):
    out = subprocess.run(
        ["build/release/longplay", "bench", "data", path, "--episodes", str(CHAIN), "--seconds",
         str(seconds), "--json"], check=True, capture_output=True, text=True).stdout
    return json.loads(out)


def minari_iterate(dataset):
    start, steps, touched = time.perf_counter(), 0, 0.0
    for episode in dataset.iterate_episodes():
        steps += len(episode.rewards)
        touched += episode.observations[0, 0]
    return steps / (time.perf_counter() - start)


def minari_sample(dataset, seconds):
    start, calls = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        list(dataset.sample_episodes(CHAIN))
        calls += 1
    return (time.perf_counter() - start) / calls * 1e3


def compare(turns):
    """Medians over the turns, each of (ours, Minari's steps/s, Minari's milliseconds)."""
    def median(pick):
        return statistics.median(pick(*turn) for turn in turns)
    return {
        "read": {
            "longplay_steps_per_second": round(median(lambda a, b, c: a["read_steps_per_second"])),
            "longplay_mapped_steps_per_second":
                round(median(lambda a, b, c: a["mapped_steps_per_second"])),
            "minari_steps_per_second": round(median(lambda a, b, c: b)),
            "ratio": round(median(lambda a, b, c: a["read_steps_per_second"] / b), 1)},
        "chain_of_32": {
            "longplay_milliseconds": round(median(lambda a, b, c: a["chain_milliseconds"]), 3),
            "minari_milliseconds": round(median(lambda a, b, c: c), 1),
            "ratio": round(median(lambda a, b, c: c / a["chain_milliseconds"]))},
        "open_seconds": round(median(lambda a, b, c: a["open_seconds"]), 3)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="small files, one turn")
    parser.add_argument("--out", help="also write the figures here, as JSON")
    arguments = parser.parse_args()
    for package, pin in PINS.items():
        assert version(package) == pin, f"{package}: expected {pin}, got {version(package)}"
    episodes = 50 if arguments.quick else EPISODES
    rounds, seconds = (1, 0.2) if arguments.quick else (5, 1)
    result = {"command": "bench/run data", "pins": PINS}
    with tempfile.TemporaryDirectory() as folder:
        dataset, path = write_minari(folder, episodes)
        result |= compare([
            (longplay(path, seconds), minari_iterate(dataset), minari_sample(dataset, seconds))
            for _ in range(rounds)])
        compressed = os.path.join(folder, "compressed.hdf5")
        write_compressed(compressed, 100_000 if arguments.quick else 1_000_000)
        result["info"] = compare_info(compressed, rounds)
        if not arguments.quick:
            flat = os.path.join(folder, "flat.hdf5")
            row = 4 * (OBSERVATIONS + ACTIONS + 1)
            steps = 4 * BUDGET // row // STEPS * STEPS
            write_flat(flat, steps)
            result["memory"] = {
                "budget_bytes": BUDGET, "data_bytes": steps * row,
                "anonymous_bytes": longplay(flat, 0.1)["anonymous_bytes"]}
    print(json.dumps(result, indent=1))
    write_result(arguments.out, result)


if __name__ == "__main__":
    sys.exit(main())
