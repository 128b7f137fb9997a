#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns a table of steps into an HDF5 file that longplay (and D4RL's readers) can open.

  scripts/to_hdf5.py steps.csv out.hdf5 --observations x,y,vx,vy --actions ax,ay \\
      --rewards reward --episodes episode [--terminals done] [--env-id Hopper-v5]
  scripts/to_hdf5.py steps.npz out.hdf5

One row is one time step, in the order it happened. In a CSV file the options name the columns
(with a header line). An .npz file holds arrays of these names: observations [N, O], actions [N, A]
or whole numbers [N], and if known rewards [N], terminals [N], timeouts [N], episodes [N].
An episode ends where the value of `episodes` changes, where `terminals` is not 0 (the task ended
it), and where `timeouts` is not 0. Needs numpy and h5py.
"""
import argparse
import csv
import os
import sys


def fail(where, problem):
    sys.exit(f"error: converting data: {where}: {problem}")


try:
    import h5py
    import numpy as np
except ImportError as error:
    fail("packages", f"expected numpy and h5py, got: {error} (pip install numpy h5py)")


def columns_of_csv(path, options):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        fail(path, "expected a header and at least one row, got none")

    def column(name):
        if name not in rows[0]:
            fail(path, f"expected a column {name}, got {', '.join(rows[0])}")
        values = []
        for line, row in enumerate(rows, start=2):
            try:
                values.append(float(row[name]))
            except (TypeError, ValueError):
                fail(f"{path}:{line}", f"{name}: expected a number, got {row[name]!r}")
        return np.array(values)

    def table(names):
        return np.stack([column(name) for name in names.split(",")], axis=1)

    if not options.observations or not options.actions:
        fail(path, "expected --observations and --actions with the names of columns")
    arrays = dict(observations=table(options.observations), actions=table(options.actions))
    for key in ("rewards", "terminals", "timeouts", "episodes"):
        if getattr(options, key):
            arrays[key] = column(getattr(options, key))
    if options.discrete:
        arrays["actions"] = arrays["actions"][:, 0].astype(np.int64)
    return arrays


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", help=".csv or .npz")
    parser.add_argument("out", help=".hdf5")
    for key in ("observations", "actions"):
        parser.add_argument(f"--{key}", help="names of columns, with commas between")
    for key in ("rewards", "terminals", "timeouts", "episodes"):
        parser.add_argument(f"--{key}", help="name of a column")
    parser.add_argument("--discrete", action="store_true",
                        help="the action column holds whole numbers from 0")
    parser.add_argument("--env-id", help="the task, for evaluation")
    options = parser.parse_args()
    if not os.path.isfile(options.table):
        fail(options.table, "expected a file, got none")
    arrays = (dict(np.load(options.table)) if options.table.endswith(".npz")
              else columns_of_csv(options.table, options))
    for key in ("observations", "actions"):
        if key not in arrays:
            fail(options.table, f"expected an array {key}, got {', '.join(arrays) or 'none'}")
    steps = len(arrays["observations"])
    for key, values in arrays.items():
        if len(values) != steps:
            fail(options.table, f"{key}: expected {steps} rows as in observations, got {len(values)}")
    terminals = np.asarray(arrays.get("terminals", np.zeros(steps))) != 0
    timeouts = np.asarray(arrays.get("timeouts", np.zeros(steps))) != 0
    if "episodes" in arrays:
        timeouts[:-1] |= (arrays["episodes"][1:] != arrays["episodes"][:-1]) & ~terminals[:-1]
    timeouts[-1] |= not terminals[-1]
    partial = options.out + ".partial"
    with h5py.File(partial, "w") as file:
        file["observations"] = np.asarray(arrays["observations"], np.float32).reshape(steps, -1)
        actions = np.asarray(arrays["actions"])
        file["actions"] = (actions.astype(np.int64) if actions.dtype.kind in "iub"
                           else actions.astype(np.float32).reshape(steps, -1))
        if "rewards" in arrays:
            file["rewards"] = np.asarray(arrays["rewards"], np.float32).reshape(steps)
        file["terminals"] = terminals
        file["timeouts"] = timeouts & ~terminals
        if options.env_id:
            file.attrs["env_id"] = options.env_id
    os.replace(partial, options.out)
    print(f"{options.out}: {steps} steps, {int((terminals | timeouts).sum())} episodes")


main()
