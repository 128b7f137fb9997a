# SPDX-License-Identifier: MIT
"""Makes an HDF5 data set of Point-Robot's public pickles (T2DA, arXiv 2504.15046).

    python3 scripts/point_robot_to_hdf5.py FOLDER OUT.hdf5 [--tasks 0-44] [--steps 20]

FOLDER holds dataset_task_0.pkl, dataset_task_1.pkl, ...: each a dictionary of numpy arrays observations
[n, 2], actions [n, 2], rewards [n], next_observations [n, 2], terminals [n]. A pickle can run anything
when it is read; here nothing but numpy's arrays is made of one, and whatever else it names is refused.

OUT is D4RL's flat layout (datasets/FORMAT.md) in float32, one history a task, episodes in the files'
order, which is of ascending returns and not of time. Episodes end at their time limit, --steps.
Needs numpy and h5py.
"""
import argparse
import os
import pickle
import sys

import h5py
import numpy as np

# What numpy's own pickles name, in old and new versions.
ALLOWED = {
    ("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode"),
    *((module + ".multiarray", name) for module in ("numpy.core", "numpy._core")
      for name in ("_reconstruct", "scalar")),
    *((module + ".numeric", "_frombuffer") for module in ("numpy.core", "numpy._core"))}
# Arrays, and the shape of a step in each.
KEYS = {"observations": (2,), "actions": (2,), "rewards": (), "next_observations": (2,), "terminals": ()}


class ArraysOnly(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"expected numpy's arrays alone, got {module}.{name}")
        # Old names are looked up where numpy has them now.
        if module.startswith("numpy.core") and not hasattr(np, "core"):
            module = module.replace("numpy.core", "numpy._core")
        return super().find_class(module, name)


def fail(path, problem):
    sys.exit(f"error: converting pickles: {path}: {problem}")


def read_task(path, steps):
    try:
        with open(path, "rb") as file:
            data = ArraysOnly(file).load()
    except (OSError, EOFError, pickle.UnpicklingError, AttributeError, ValueError) as problem:
        fail(path, problem)
    if not isinstance(data, dict) or any(
            not isinstance(data.get(key), np.ndarray) or data[key].dtype == object for key in KEYS):
        fail(path, "expected a dictionary of arrays " + ", ".join(KEYS))
    shapes = {key: data[key].shape for key in KEYS}
    rows = shapes["rewards"][0] if shapes["rewards"] else 0
    if rows == 0 or rows % steps != 0 or any(
            not shapes[key] or shapes[key][0] != rows or data[key].size != rows * np.prod(KEYS[key]) for key in KEYS):
        fail(path, f"expected arrays of one length, a multiple of {steps} (--steps), places and actions of 2 "
             "numbers, got " + ", ".join(f"{key} {shapes[key]}" for key in KEYS))
    if not all(np.isfinite(data[key]).all() for key in KEYS):
        fail(path, "expected finite numbers alone, got others")
    if data["terminals"].any():
        fail(path, "expected episodes that end at their time limit alone, got terminals")
    return {key: data[key].reshape(rows, *shape) for key, shape in KEYS.items()}


def task_numbers(text):
    tasks = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not first.isdecimal() or not (last or first).isdecimal():
            raise argparse.ArgumentTypeError(f"expected 0-39 or 1,3-5, got {text}")
        tasks += range(int(first), int(last or first) + 1)
    if not tasks or len(set(tasks)) < len(tasks):
        raise argparse.ArgumentTypeError(f"expected some tasks, each once, got {text}")
    return tasks


def whole_steps(text):
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("out")
    parser.add_argument("--tasks", type=task_numbers, default=range(45),
                        help="as 0-39 or 1,3-5 (0-44, the training tasks)")
    parser.add_argument("--steps", type=whole_steps, default=20, help="of an episode (20)")
    options = parser.parse_args()
    if not os.path.isdir(os.path.dirname(os.path.abspath(options.out))):
        fail(options.out, "expected a folder to write in, got none")
    tasks = [read_task(os.path.join(options.folder, f"dataset_task_{task}.pkl"), options.steps)
             for task in options.tasks]
    columns = {key: np.concatenate([task[key] for task in tasks]) for key in KEYS}
    episodes = [len(task["rewards"]) // options.steps for task in tasks]
    count = sum(episodes)
    timeouts = np.zeros(count * options.steps, bool)
    timeouts[options.steps - 1::options.steps] = True
    part = options.out + ".part"
    with h5py.File(part, "w") as file:
        file.attrs["max_episode_steps"] = options.steps
        for key in KEYS:
            file.create_dataset(key, data=columns[key].astype(bool if key == "terminals" else "f4"),
                                compression="gzip")
        file.create_dataset("timeouts", data=timeouts, compression="gzip")
        file["longplay/length"] = np.full(count, options.steps)
        file["longplay/ends"] = np.full(count, 2)  # truncated
        file["longplay/final_observation"] = np.ones(count, int)
        file["longplay/history"] = np.repeat(np.arange(len(tasks)), episodes)
    os.replace(part, options.out)
    print(f"{options.out}: {len(tasks)} tasks, {count} episodes, {len(timeouts)} steps")


if __name__ == "__main__":
    main()
