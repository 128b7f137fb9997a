# SPDX-License-Identifier: MIT
"""Whole optimiser steps of small policies over short chains: longplay beside PyTorch eager,
torch.compile and Hugging Face's Decision Transformer, on the same threads of this machine.

    bench/run small [--quick] [--threads 2] [--busy N] [--out FILE.json]

All of one row take turns, in alternating order; medians over the turns count. --busy starts N
processes that keep a core busy each, and measures longplay alone and beside them.
"""
import argparse
import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import h5py
import numpy as np

from program import write_result

OBSERVATIONS, ACTIONS, EPISODES, LENGTH = 11, 3, 100, 500
STANDARD = "Decision Transformer, K = 20, width 128, both dropouts"
SHAPES = [dict(chains=chains, steps=steps, tokens=tokens, width=width, heads=heads)
          for chains, steps, tokens, heads in ((64, 20, 3, 1), (32, 160, 1, 4))
          for width in (64, 128, 256)]
LONGPLAY = os.environ.get("LONGPLAY", "build/release/longplay")


def name_of(shape):
    return f"{shape['chains']} × {shape['steps'] * shape['tokens']} tokens, width {shape['width']}"


def write_data(path):
    """Random steps: what is learned does not matter for the time it takes."""
    draw = np.random.default_rng(0)
    steps = EPISODES * LENGTH
    with h5py.File(path, "w") as file:
        file["observations"] = draw.standard_normal((steps, OBSERVATIONS), dtype=np.float32)
        file["actions"] = draw.uniform(-1, 1, (steps, ACTIONS)).astype(np.float32)
        file["rewards"] = draw.standard_normal(steps, dtype=np.float32)
        file["terminals"] = np.zeros(steps, bool)
        file["timeouts"] = np.arange(1, steps + 1) % LENGTH == 0


def longplay(shape, folder, threads, repeats, extra=()):
    """Steps per second, the median of rows of metrics.csv after the first."""
    interleaved = shape["tokens"] == 3
    config = f"""
data: {{files: {folder}/data.hdf5}}
chain: {{episodes: 1, window: {shape['steps']}, target: own, tokens: [return, observation, action],
  packing: {'interleaved' if interleaved else 'merged'}}}
model: {{layers: 3, width: {shape['width']}, heads: {shape['heads']}, head: squared_error}}
train: {{steps: {5 * repeats}, tokens_per_step: {shape['chains'] * shape['steps'] * shape['tokens']},
  learning_rate: 1.0e-4, clip_norm: 0.25, log_every: {repeats}, checkpoint_every: 1000000, threads: {threads}}}
"""
    with open(f"{folder}/config.yaml", "w") as file:
        file.write(config)
    shutil.rmtree(f"{folder}/run", ignore_errors=True)
    before = os.times()
    done = subprocess.run([LONGPLAY, "train", f"{folder}/config.yaml", "--out", f"{folder}/run", *extra],
                          capture_output=True, text=True,
                          env=dict(os.environ, OMP_NUM_THREADS=str(threads)))
    if done.returncode:
        sys.exit(done.stderr)
    after = os.times()
    with open(f"{folder}/run/metrics.csv") as file:
        rates = [float(row["steps_per_second"]) for row in csv.DictReader(file)]
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return dict(steps_per_second=statistics.median(rates[1:]),
                processor_seconds_per_step=used / (5 * repeats))


def peer(recipe, shape, threads, repeats):
    command = [sys.executable, "bench/peers/pytorch_policy.py", "--recipe", recipe, "--threads",
               str(threads), "--repeats", str(repeats), "--turns", "4"]
    for key, value in shape.items():
        command += ["--" + key, str(value)]
    done = subprocess.run(command, capture_output=True, text=True,
                          env=dict(os.environ, OMP_NUM_THREADS=str(threads)))
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return json.loads(done.stdout)


def turns(contenders, rounds):
    """{name: measure} in alternating order; the turn of median speed of each."""
    results = {name: [] for name in contenders}
    for i in range(rounds):
        order = list(contenders)
        for name in order if i % 2 == 0 else order[::-1]:
            results[name].append(contenders[name]())
    return {name: sorted(all, key=lambda one: one["steps_per_second"])[len(all) // 2]
            for name, all in results.items()}


def busy_rows(folder, threads, counts, rounds, repeats):
    """longplay alone and beside processes that keep a core busy each."""
    rows = []
    for shape in (SHAPES[3], SHAPES[1]):
        for count in [0, *counts]:
            others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
            try:
                result = turns({"longplay": lambda: longplay(shape, folder, threads, repeats)}, rounds)
            finally:
                for other in others:
                    other.kill()
            rows.append(dict(shape=name_of(shape), beside=count, **result["longplay"]))
            print(json.dumps(rows[-1]), file=sys.stderr)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--busy", type=int, nargs="*", default=[])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out")
    arguments = parser.parse_args()
    rounds, repeats = (1, 5) if arguments.quick else (3, 20)
    threads = arguments.threads
    result = dict(threads=threads, rows=[])
    with tempfile.TemporaryDirectory() as folder:
        write_data(f"{folder}/data.hdf5")
        if arguments.busy:
            result["busy"] = busy_rows(folder, threads, arguments.busy, rounds, repeats)
        else:
            standard = dict(SHAPES[1])
            dropouts = ["model.dropout=0.1", "model.attention_dropout=0.1", "model.feed_forward=relu"]
            for shape, extra, recipes in [(standard, dropouts, ["hf"])] + \
                    [(shape, [], ["eager", "compile"]) for shape in SHAPES]:
                contenders = {"longplay": lambda: longplay(shape, folder, threads, repeats, extra)}
                for recipe in recipes:
                    contenders[recipe] = lambda recipe=recipe: peer(recipe, shape, threads, repeats)
                measured = turns(contenders, rounds)
                best = max(measured[recipe]["steps_per_second"] for recipe in recipes)
                row = dict(name=STANDARD if extra else name_of(shape),
                           ratio=measured["longplay"]["steps_per_second"] / best, **measured)
                result["rows"].append(row)
                print(json.dumps(row), file=sys.stderr)
    print(json.dumps(result, indent=1))
    write_result(arguments.out, result)


if __name__ == "__main__":
    main()
