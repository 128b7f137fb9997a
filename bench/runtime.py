# SPDX-License-Identifier: MIT
"""One action of a 3-layer, 128-wide policy over (return, observation, action) tokens by who acts
without, and with, a training library: longplay's runtime, ONNX Runtime with keys and values as inputs
and outputs, LibTorch as longplay acts with it, Hugging Face's DecisionTransformerModel, which computes
the context anew.

    bench/run runtime [--quick] [--out FILE.json]

The first three have the same weights, see the same steps, and their actions are compared. Each acts in
a process of its own (bench/peers/runtime_peers.py, bench_libtorch_acting) on one thread, in float32, its
context at a fixed length, in turns of several rounds. Start-up is from the start of the process to its
first action, resident memory what the process holds in the end; a bare Python has both as well.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from program import write_result

BUILD, PEERS = pathlib.Path("build/release"), [sys.executable, "bench/peers/runtime_peers.py"]
CONTEXTS = [20, 100, 1000]
ACTIONS = {"runtime": 2000, "onnxruntime": 2000, "libtorch": 2000, "hugging_face": {20: 400, 100: 150, 1000: 12}}


def environment(peer):
    """Without torch's folder where torch has no place."""
    folders = os.environ["PYTHONPATH"].split(":")
    if peer in ("runtime", "onnxruntime"):
        folders = [each for each in folders if each.endswith("bench_runtime")]
    return {**os.environ, "PYTHONPATH": ":".join(folders), "OMP_NUM_THREADS": "1"}


def act(peer, place, steps, actions):
    """A process that acts: seconds until its first action, and what it says in the end."""
    command = [str(BUILD / "bench/bench_libtorch_acting")] if peer == "libtorch" else [*PEERS, peer]
    begin = time.perf_counter()
    with subprocess.Popen([*command, str(place), str(steps), str(actions)], env=environment(peer), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        line = process.stdout.readline()
        started = time.perf_counter() - begin
        rest = process.stdout.read()
    if process.returncode != 0 or line != "acted\n":
        sys.exit(f"error: {peer}: expected actions, got exit code {process.returncode}")
    return started, json.loads(rest)


def spread(seconds):
    """[ms]; a percentile of few actions is their worst."""
    ordered = sorted(1e3 * each for each in seconds)
    return {"actions": len(ordered), "median_ms": statistics.median(ordered),
            "p99_9_ms": ordered[min(len(ordered) - 1, int(0.999 * len(ordered)))] if len(ordered) >= 1000 else None,
            "worst_ms": ordered[-1]}


def size(*paths):
    """[bytes] on disk of files and folders."""
    files = [each for path in paths for each in ([path] if path.is_file() else path.rglob("*"))]
    return sum(each.stat().st_size for each in files if each.is_file() and not each.is_symlink())


def package(name):
    return next(path / name for path in map(pathlib.Path, os.environ["PYTHONPATH"].split(":")) if (path / name).exists())


def sizes(folder):
    """[bytes] of what acts, and of the policy. Python, numpy, and pure Python beside libraries are left out;
    of torch its libraries alone are counted for C++."""
    library = folder / "library.so"
    subprocess.run(["strip", "-o", library, BUILD / "runtime/liblongplay_acting.so"], check=True)
    exported = size(folder / "exported")
    return {"runtime": {"library": size(library), "policy": exported},
            "onnxruntime": {"library": size(*(package("onnxruntime") / "capi").glob("onnxruntime_pybind11_state*.so")),
                            "policy": size(folder / "policy.onnx")},
            "libtorch": {"library": size(package("torch") / "lib"), "policy": size(folder / "checkpoint")},
            "hugging_face": {"library": size(package("torch"), package("transformers")), "policy": None}}


def bare_python(rounds):
    """Seconds and resident bytes of Python without anything."""
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        out = subprocess.run([sys.executable, "-c", "print(open('/proc/self/status').read())"], check=True,
                             capture_output=True, text=True).stdout
        seconds.append(time.perf_counter() - begin)
    resident = next(line for line in out.splitlines() if line.startswith("VmRSS:"))
    return {"start_ms": 1e3 * statistics.median(seconds), "resident_bytes": 1024 * int(resident.split()[1])}


def largest_difference(actions, others):
    return max(abs(a - b) for first, second in zip(actions, others) for a, b in zip(first, second))


def measure(folder, rounds, share):
    places = {"runtime": folder / "exported", "onnxruntime": folder / "policy.onnx",
              "libtorch": folder / "checkpoint", "hugging_face": "-"}
    seconds, starts, resident = {}, {peer: [] for peer in places}, {}
    difference = {peer: 0.0 for peer in ("onnxruntime", "libtorch")}
    for _ in range(rounds):
        for steps in CONTEXTS:
            first = None
            for peer, place in places.items():
                count = ACTIONS[peer] if isinstance(ACTIONS[peer], int) else ACTIONS[peer][steps]
                started, said = act(peer, place, steps, max(4, int(share * count) // rounds))
                starts[peer].append(started)
                seconds.setdefault((peer, steps), []).extend(said["seconds"])
                resident[peer, steps] = said["resident_bytes"]
                first = first or said["actions"]
                if peer in difference:
                    difference[peer] = max(difference[peer], largest_difference(first, said["actions"]))
    return {"peers": {peer: {"start_ms": 1e3 * statistics.median(starts[peer]),
                             "steps": {steps: {**spread(seconds[peer, steps]), "resident_bytes": resident[peer, steps]}
                                       for steps in CONTEXTS}} for peer in places},
            "largest_difference_from_runtime": difference}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        # Random weights, as a checkpoint, exported, and as ONNX.
        subprocess.run([BUILD / "bench/bench_runtime", f"folder={folder}", "steps=1", "actions=1", "libtorch=0"],
                       check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*PEERS, "export", folder / "exported", folder / "policy.onnx"], check=True,
                       env=environment("export"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        rounds = 1 if arguments.quick else 3
        result = {"threads": 1,
                  "versions": {each: next(package(each).parent.glob(f"{each}-*.dist-info")).stem.split("-")[1]
                               for each in ("onnxruntime", "torch", "transformers")},
                  "bare_python": bare_python(rounds), "bytes": sizes(folder),
                  **measure(folder, rounds, 0.1 if arguments.quick else 1)}
    print(json.dumps(result, indent=1))
    write_result(arguments.out, result)


main()
