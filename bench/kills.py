# SPDX-License-Identifier: MIT
"""Kills training, comparing, collecting, packing and converting at random moments, lets each go on,
and compares what it ends with to the bytes of an undisturbed run.

    bench/run kills [--kills 200] [--seed 0] [--out docs/results/kills.json]

How work is ended: SIGKILL, SIGTERM (which saves first), a disk that is full (a limit on the size of
what may be written), a data file that is gone. After every kill the folder is looked at: a file or
folder in the making there means that the kill fell inside a write. Every line of the log is one
kill: what, how, when, what was being written, and whether the run ended with the same bytes.

One thread, so that the bytes do not depend on the machine's load.
"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(os.environ.get("LONGPLAY", ROOT / "build/release/longplay"))
ENVIRONMENT = dict(os.environ, OMP_NUM_THREADS="1", OMP_WAIT_POLICY="passive")
SMALL = ("model.layers=1 model.width=16 model.heads=2 chain.episodes=2 train.tokens_per_step=128 "
         "train.warmup_steps=5").split()


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def losses(run):
    """metrics.csv without what tells time: step, loss, learning rate, gradient norm."""
    rows = (pathlib.Path(run) / "metrics.csv").read_text().splitlines()
    return [row.split(",")[:4] for row in rows]


def in_the_making(folder):
    """What a kill left half written below `folder`: names that only writing has."""
    found = []
    for path in pathlib.Path(folder).rglob("*"):
        if re.search(r"\.(partial|part\d*|tmp)(/|$|\d)", path.name + "/") and path.exists():
            found.append(path.relative_to(folder).as_posix())
    return sorted(found)


class Work:
    """One kind of work, in a folder of its own below `base`."""

    name = ""

    def __init__(self, base):
        self.base = pathlib.Path(base)

    def start(self, folder):
        """Arguments that begin it."""
        raise NotImplementedError

    def resume(self, folder):
        """Arguments that go on with it."""
        return self.start(folder)

    def result(self, folder):
        """What must be the same in the end."""
        raise NotImplementedError

    def data(self):
        """The data file that can vanish, or None."""
        return None


class Training(Work):
    name = "train"
    steps = 400

    def start(self, folder):
        return ["train", "--data", str(self.base / "data.hdf5"), "--out", f"{folder}/run", *SMALL,
                f"train.steps={self.steps}", "train.checkpoint_every=1", "train.log_every=5"]

    def resume(self, folder):
        run = pathlib.Path(folder) / "run"
        if not any((run / "checkpoints").glob("step_*[0-9]")):
            return self.start(folder)  # killed before its first checkpoint: nothing to go on from
        return ["train", "--resume", str(run)]

    def result(self, folder):
        last = pathlib.Path(folder) / f"run/checkpoints/step_{self.steps}"
        files = ["weights.safetensors", "training.safetensors", "sampler.txt"]
        return {name: digest(last / name) for name in files} | {"metrics": losses(f"{folder}/run")}

    def data(self):
        return self.base / "data.hdf5"


class Comparing(Work):
    name = "compare"

    def start(self, folder):
        config = self.base / "compare.yaml"
        config.write_text(json.dumps({
            "data": {"files": [str(self.base / "data.hdf5")]},
            "model": {"layers": 1, "width": 16, "heads": 2},
            "train": {"steps": 60, "tokens_per_step": 128, "checkpoint_every": 4, "log_every": 5},
            "evaluate": {"episodes": 2, "seeds": 2, "max_episode_steps": 20},
            "compare": {"grid": {"chain.episodes": [1, 2]}, "seeds": 2, "budgets": ["steps"]}}))
        return ["compare", str(config), "--out", f"{folder}/compared"]

    def result(self, folder):
        found = {}
        for result in sorted(pathlib.Path(folder).rglob("result.json")):
            outcome = json.loads(result.read_text())["outcome"]
            key = result.parent.relative_to(folder).as_posix()
            found[key] = {"returns": outcome["returns"],
                          "weights": digest(result.parent / "checkpoints/step_60/weights.safetensors")}
        assert len(found) == 4, sorted(found)
        return found

    def data(self):
        return self.base / "data.hdf5"


class Collecting(Work):
    name = "collect"
    algorithm = ["--env", "InvertedPendulum-v5", "--algorithm", "sac", "--steps", "2500",
                 "--learners", "2"]

    def start(self, folder):
        return ["collect", *self.algorithm, "--out", f"{folder}/collected.hdf5"]

    def resume(self, folder):
        if (pathlib.Path(folder) / "collected.hdf5").exists():
            return None  # it was done
        return [*self.start(folder), "--resume"]

    def result(self, folder):
        return episodes(f"{folder}/collected.hdf5")


class Searching(Collecting):
    name = "collect (search)"
    algorithm = ["--env", "family/point-goal-v0", "--algorithm", "search", "--steps", "200000"]


class Converting(Work):
    name = "convert"

    def start(self, folder):
        return ["data", "convert", str(self.base / "large.hdf5"), f"{folder}/converted.hdf5",
                "--format", "d4rl"]

    def resume(self, folder):
        return None if (pathlib.Path(folder) / "converted.hdf5").exists() else self.start(folder)

    def result(self, folder):
        return arrays(f"{folder}/converted.hdf5")

    def data(self):
        return self.base / "large.hdf5"


class Packing(Work):
    """A training that packs its data first and ends soon after."""

    name = "pack"

    def start(self, folder):
        return ["train", "--data", str(self.base / "large.hdf5"), "--out", f"{folder}/run", *SMALL,
                "train.steps=2", "data.place=mapped", f"data.cache={folder}/packs"]

    def resume(self, folder):
        run = pathlib.Path(folder) / "run"
        if (run / "checkpoints/step_2").exists():
            return None
        return self.start(folder)

    def result(self, folder):
        packs = [path for path in pathlib.Path(folder, "packs").rglob("*") if path.is_file()]
        return {"weights": digest(f"{folder}/run/checkpoints/step_2/weights.safetensors"),
                "packs": sorted((path.name, digest(path)) for path in packs)}

    def data(self):
        return self.base / "large.hdf5"


def arrays(path):
    """Every array of an HDF5 file, by name; times of creation are in no array."""
    import h5py  # beside the program under test, nothing of ours reads it back

    found = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: found.__setitem__(
            name, hashlib.sha256(item[()].tobytes()).hexdigest())
            if isinstance(item, h5py.Dataset) and item.dtype.kind in "biuf" else None)
    return found


episodes = arrays


def run(arguments, limit=None):
    """Starts the program; `limit` [bytes] is the largest file that it can write."""
    def prepare():
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write fails, as on a full disk
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return subprocess.Popen([str(PROGRAM), *arguments], stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, preexec_fn=prepare)


def finish(work, folder):
    """Goes on until it is done; the error if it cannot."""
    arguments = work.resume(folder)
    if arguments is None:
        return None
    process = run(arguments)
    error = process.communicate()[1]
    return None if process.returncode == 0 else error.strip().splitlines()[-1:]


def kill_once(work, folder, how, seconds, draw):
    """One kill of the running or new work. What the log says of it."""
    fresh = not any(pathlib.Path(folder).iterdir())
    arguments = work.start(folder) if fresh else work.resume(folder)
    entry = {"work": work.name, "how": how}
    if arguments is None:
        return None
    if how == "vanished data":
        data = work.data()
        hidden = data.with_suffix(".hidden")
        data.rename(hidden)
        process = run(arguments)
        error = process.communicate()[1]
        hidden.rename(data)
        entry |= {"exit": process.returncode, "error": error.strip().splitlines()[-1:]}
        entry["one line"] = process.returncode == 1 and "error:" in error
        return entry
    limit = draw.randrange(2000, 60000) if how == "full disk" else None
    started = time.monotonic()
    process = run(arguments, limit)
    after = draw.uniform(0.02, seconds)
    try:
        process.wait(timeout=after if limit is None else 600)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM if how == "SIGTERM" else signal.SIGKILL)
    entry["after"] = round(time.monotonic() - started, 3)
    error = process.communicate()[1]
    entry["exit"] = process.returncode
    entry["in a write"] = in_the_making(folder)
    if how == "full disk" and process.returncode != 0:
        entry["error"] = error.strip().splitlines()[-1:]
        entry["one line"] = process.returncode == 1 and "error:" in error
    return entry


def versions():
    out = subprocess.run([PROGRAM, "--version", "--json"], capture_output=True, text=True, check=True).stdout
    return json.loads(out)


def write_log(path, summary, log):
    """The summary, and each entry of the log in a line of its own."""
    out = ROOT / path
    out.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(" " + json.dumps(entry) for entry in log)
    out.write_text(json.dumps(summary)[:-1] + ', "log": [\n' + lines + "\n]}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="one kind of work, by its name")
    parser.add_argument("--out", default="docs/results/kills.json")
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    log, failures = [], []
    with tempfile.TemporaryDirectory() as base:
        data = ["collect", "--env", "InvertedPendulum-v5", "--algorithm", "random", "--out"]
        for name, steps in (("data", 2000), ("large", 100000)):
            subprocess.run([PROGRAM, *data, f"{base}/{name}.hdf5", "--steps", str(steps)], check=True,
                           env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        kinds = [Training, Training, Training, Comparing, Comparing, Collecting, Searching, Packing,
                 Converting]
        if arguments.only:
            kinds = [kind for kind in kinds if kind.name == arguments.only][:1]
        wanted, seconds = {}, {}
        for kind in dict.fromkeys(kinds):  # undisturbed
            folder = tempfile.mkdtemp(dir=base)
            started = time.monotonic()
            process = run(kind(base).start(folder))
            error = process.communicate()[1]
            if process.returncode != 0:
                raise SystemExit(f"{kind.name}: undisturbed: {error}")
            seconds[kind] = time.monotonic() - started
            wanted[kind] = kind(base).result(folder)
            shutil.rmtree(folder)
            print(f"{kind.name}: undisturbed {seconds[kind]:.1f} s", flush=True)
        while sum("in a write" in entry or "error" in entry for entry in log) < arguments.kills:
            kind = draw.choice(kinds)
            work, folder = kind(base), tempfile.mkdtemp(dir=base)
            entries = []
            for _ in range(draw.randrange(2, 7)):  # each goes on from what the last one left
                hows = ["SIGKILL", "SIGKILL", "SIGKILL", "SIGTERM", "full disk"]
                if work.data():
                    hows.append("vanished data")
                entry = kill_once(work, folder, draw.choice(hows), seconds[kind], draw)
                if entry is None:
                    break
                entries.append(entry)
            error = finish(work, folder)
            same = error is None and work.result(folder) == wanted[kind]
            for entry in entries:
                entry["same bytes"] = same and entry.get("one line", True)
                if error:
                    entry["cannot go on"] = error
            log += entries
            if not same:
                failures.append(entries)
                print("WRONG:", json.dumps(entries), flush=True)
            shutil.rmtree(folder)
            print(f"{len(log)} kills, {sum(bool(e.get('in a write')) for e in log)} inside a write, "
                  f"{sum(not e['same bytes'] for e in log)} wrong", flush=True)
    summary = {"command": f"bench/run kills --kills {arguments.kills} --seed {arguments.seed}",
               "versions": versions(), "kills": len(log),
               "inside a write": sum(bool(entry.get("in a write")) for entry in log),
               "wrong": sum(not entry["same bytes"] for entry in log)}
    write_log(arguments.out, summary, log)
    print(json.dumps(summary))
    raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()
