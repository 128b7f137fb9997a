# SPDX-License-Identifier: MIT
"""How far back each mixer remembers: success on cue-recall against the distance of the cue.

    bench/run recall [--distances 16,64,...] [--seeds N] [--folder F] [--out FILE.json] [key=value ...]

A cue of -1 or 1 is seen once and answered d steps later (family/cue-recall-v0; 0.5 is chance). For
each distance a data set of right answers (actions 0 before) is written, then
`longplay compare configs/compare/recall.yaml` trains every mixer on each of them and plays 256
episodes with new cues. `longest` is the largest distance up to which every one was answered right in
at least 95 of 100. A comparison that was stopped goes on where it was.
"""
import argparse
import json
import os
import subprocess
import sys

import numpy as np

EPISODES = 256
FILE = "cue_{}.hdf5"


def write_data(distance, folder):
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
    subprocess.run([sys.executable, "scripts/to_hdf5.py", table, out], check=True,
                   stdout=subprocess.DEVNULL)
    os.remove(table)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--distances", default="16,64,256,1024")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--folder", default="runs/recall")
    parser.add_argument("--out")
    parser.add_argument("settings", nargs="*", help="key=value pairs for longplay compare")
    arguments = parser.parse_args()
    distances = [int(d) for d in arguments.distances.split(",")]
    os.makedirs(arguments.folder, exist_ok=True)
    tasks = []
    for distance in distances:
        write_data(distance, arguments.folder)
        path = os.path.abspath(os.path.join(arguments.folder, FILE.format(distance)))
        tasks.append(f'{{name: "{distance}", data: "{path}", '
                     f'environment: "family/cue-recall-v0?distance={distance}"}}')
    command = ["build/release/longplay", "compare", "configs/compare/recall.yaml",
               f"compare.tasks=[{', '.join(tasks)}]", f"compare.seeds={arguments.seeds}",
               "--out", arguments.folder, "--json", *arguments.settings]
    rows = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    mixers = {}
    for row in rows["rows"]:
        mixer = mixers.setdefault(row["name"], {"success": {}, "state_bytes": {}, "ms_per_action": {}})
        mixer["success"][row["task"]] = row["last"]["mean"]
        mixer["state_bytes"][row["task"]] = row["state_bytes"]
        mixer["ms_per_action"][row["task"]] = row["milliseconds_per_action"]
    for mixer in mixers.values():
        right = [mixer["success"][str(d)] >= 0.95 for d in distances] + [False]
        first_wrong = right.index(False)
        mixer["longest"] = distances[first_wrong - 1] if first_wrong > 0 else 0
    for name, mixer in mixers.items():
        print(f"{name:24} " + " ".join(f"{mixer['success'][str(d)]:.2f}" for d in distances)
              + f"  longest {mixer['longest']}")
    if arguments.out:
        with open(arguments.out, "w") as file:
            json.dump({"distances": distances, "seeds": arguments.seeds, "mixers": mixers}, file,
                      indent=1)
            file.write("\n")


main()
