# SPDX-License-Identifier: MIT
"""How far back each mixer remembers: success on cue-recall against the distance of the cue.

    bench/run recall [--distances 16,64,...] [--folder F] [--out FILE.json] [key=value ...]

A cue of -1 or 1 is seen once and answered d steps later (family/cue-recall-v0; 0.5 is chance). For
each distance a data set of right answers (actions 0 before) is written, and `longplay compare
configs/compare/recall.yaml` trains every mixer on it and plays 256 episodes with new cues. Training
goes on from the policy of the distance before: from a fresh one, a gradient that comes from one step
in a thousand teaches little in minutes. `longest` is the largest distance up to which every one was
answered right in at least 95 of 100. A run that is done is not done again.
"""
import argparse
import os

import h5py
import numpy as np
import program

EPISODES = 256
FILE = "cue_{}.hdf5"
MAMBA2 = {"model.mamba2_head_width": 32, "model.mamba2_state": 32}
MIXERS = {
    "attention": {},
    "attention of 64 tokens": {"model.span": 64},
    "MASFormer": {"model.mixer": "masformer", "model.masformer_full_layers": 1,
                  "model.masformer_span": 64},
    "Mamba": {"model.mixer": "mamba"},
    "Mamba-2": {"model.mixer": "mamba2", **MAMBA2},
    "Taipan": {"model.mixer": "taipan", "model.taipan_period": 1, **MAMBA2},
    "RWKV-4": {"model.mixer": "rwkv", "model.rwkv_version": 4},
    "RWKV-7": {"model.mixer": "rwkv", "model.rwkv_version": 7, "model.rwkv_head_width": 32},
    "Recurrent Memory": {"model.mixer": "recurrent_memory", "model.memory_segment": 64,
                         "model.memory_unrolled": 0},
    "MemSizer": {"model.mixer": "memsizer"},
    "no context": {"chain.window": 1},
}


def write_data(distance, longest, folder):
    """EPISODES episodes of distance + 1 steps, as env/family/cue_recall.cpp shows them."""
    out = os.path.join(folder, FILE.format(distance))
    if os.path.exists(out):
        return
    cues = np.where(np.random.default_rng(distance).permutation(EPISODES) % 2 == 0, -1.0, 1.0)
    observations = np.zeros((EPISODES, distance + 1, 3), np.float32)
    observations[:, 0, 0] = cues
    observations[:, distance, 1] = 1
    actions = np.zeros((EPISODES, distance + 1, 1), np.float32)
    actions[:, distance, 0] = cues
    ends = np.zeros((EPISODES, distance + 1), bool)
    ends[:, distance] = True
    table = out + ".npz"
    np.savez(table, observations=observations.reshape(-1, 3), actions=actions.reshape(-1, 1),
             rewards=ends.reshape(-1).astype(np.float32), terminals=ends.reshape(-1))
    program.longplay("data", "import", table, out, "--format", "d4rl")
    os.remove(table)
    with h5py.File(out, "a") as file:
        # Training goes on at longer distances: the table of steps has room for the longest.
        file.attrs["max_episode_steps"] = longest + 2


def compare(folder, distance, variants, settings, processes):
    """The rows of one distance and each one's run folder, all rows trained and played."""
    out = os.path.join(folder, f"distance_{distance}")
    data = os.path.abspath(os.path.join(folder, FILE.format(distance)))
    rows = ", ".join("{name: %s, set: {%s}}" % (name, ", ".join(f"{key}: {value}" for key, value
                                                               in setting.items()))
                     for name, setting in variants.items())
    rows, plan = program.compare(
        "configs/compare/recall.yaml", f"data.files=[{data}]", f"compare.variants=[{rows}]",
        f"evaluate.environment=family/cue-recall-v0?distance={distance}",
        *settings, out=out, processes=processes)
    return rows, [os.path.abspath(os.path.join(out, run["folder"])) for run in plan["runs"]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--distances", default="16,64,256,1024")
    parser.add_argument("--folder", default="runs/recall")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--out")
    parser.add_argument("settings", nargs="*", help="key=value pairs for longplay compare")
    arguments = parser.parse_intermixed_args()
    distances = [int(d) for d in arguments.distances.split(",")]
    os.makedirs(arguments.folder, exist_ok=True)
    variants = {name: dict(setting) for name, setting in MIXERS.items()}
    mixers = {name: {"success": {}} for name in MIXERS}
    for distance in distances:
        write_data(distance, distances[-1], arguments.folder)
        rows, runs = compare(arguments.folder, distance, variants, arguments.settings,
                             arguments.processes)
        for row, run in zip(rows, runs):
            variants[row["name"]]["train.start_from"] = run
            mixer = mixers[row["name"]]
            mixer["success"][str(distance)] = row["last"]["mean"]
            mixer.update(state_bytes=row["state_bytes"], parameters=row["parameters"],
                         ms_per_action=round(row["milliseconds_per_action"], 3))
    for mixer in mixers.values():
        right = [mixer["success"][str(d)] >= 0.95 for d in distances] + [False]
        first_wrong = right.index(False)
        mixer["longest"] = distances[first_wrong - 1] if first_wrong > 0 else 0
    for name, mixer in mixers.items():
        print(f"{name:24} " + " ".join(f"{mixer['success'][str(d)]:.2f}" for d in distances)
              + f"  longest {mixer['longest']}")
    program.write_result(arguments.out, {"distances": distances, "mixers": mixers})


main()
