# SPDX-License-Identifier: MIT
"""Adds labels to Point-Robot's data set: beside every step, the way to the goal.

    python3 scripts/label_point_robot.py IN.hdf5 OUT.hdf5

IN is a file of scripts/point_robot_to_hdf5.py. Every reward is minus the distance from the next place to the goal,
so the rewards of a history say where its goal is: the least-squares solution of
|p|^2 - r^2 = 2 g p - |g|^2. Nothing else is used. The label points straight to the goal, as far as it is or
0.1 * sqrt(2): the environment cuts it to 0.1 along each axis, which is the best action but for a few per cent,
and a turned plane has turned labels (chain.symmetry: plane). OUT has the same arrays and `infos/label` [N, 2]; train
with data.labels=label (DPT, arXiv 2306.14892).
Needs numpy and h5py.
"""
import argparse
import os
import shutil

import h5py
import numpy as np

REACH = 0.1      # of a step along an axis, of which a label of 1 is the whole
LONGEST = np.sqrt(2)
ROUNDING = 1e-3  # largest error of a distance that float32 data may have


def fail(problem):
    raise SystemExit(f"error: labelling: {problem}")


def goal_of(places, rewards):
    """[2], from places [n, 2] and the rewards there [n]."""
    if not np.isfinite(places).all() or not np.isfinite(rewards).all():
        fail("expected finite places and rewards, got others")
    rows = np.column_stack([2 * places, -np.ones(len(places))])
    goal = np.linalg.lstsq(rows, (places**2).sum(1) - rewards**2, rcond=None)[0][:2]
    error = np.abs(np.linalg.norm(places - goal, axis=1) + rewards).max()
    if not error <= ROUNDING:
        fail(f"expected rewards of minus a distance, got errors up to {error:.3g}")
    return goal


def read(path):
    """Columns [N, ...], and the history of each step."""
    try:
        with h5py.File(path) as file:
            if "infos/label" in file:
                fail(f"{path}: expected no labels yet, got infos/label")
            columns = {key: file[key][:].astype(float) for key in ("observations", "next_observations", "rewards")}
            return columns, np.repeat(file["longplay/history"][:], file["longplay/length"][:])
    except (OSError, KeyError, TypeError, ValueError) as problem:
        fail(f"{path}: expected a file of scripts/point_robot_to_hdf5.py, got another ({problem})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data")
    parser.add_argument("out")
    options = parser.parse_args()
    if not os.path.isdir(os.path.dirname(os.path.abspath(options.out))):
        fail(f"{options.out}: expected a folder to write in, got none")
    columns, history = read(options.data)
    labels = np.empty_like(columns["observations"])
    for number in np.unique(history):
        own = history == number
        goal = goal_of(columns["next_observations"][own], columns["rewards"][own])
        way = (goal - columns["observations"][own]) / REACH
        labels[own] = way * np.minimum(1, LONGEST / np.linalg.norm(way, axis=1, keepdims=True))
    part = options.out + ".part"
    shutil.copyfile(options.data, part)
    with h5py.File(part, "r+") as file:
        file.create_dataset("infos/label", data=labels.astype("f4"), compression="gzip")
    os.replace(part, options.out)
    print(f"{options.out}: {len(np.unique(history))} goals, {len(labels)} labels")


if __name__ == "__main__":
    main()
