# SPDX-License-Identifier: MIT
"""Hours of training and evaluation in one process: is its memory flat?

    bench/run soak [--hours 2] [--out docs/results/soak.json]

Trains on collected data without an end, plays the policy every few steps, saves checkpoints and
writes metrics; every 10 s the process' resident memory, files and threads are read. The answer is
the memory in the last tenth of the time less that in the second tenth (the first is warm-up), which
must be below 1 %. The run is ended by SIGTERM, as a scheduler does, and must exit with code 75.
"""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(os.environ.get("LONGPLAY", ROOT / "build/release/longplay"))
ENVIRONMENT = dict(os.environ, OMP_WAIT_POLICY="passive")
SETTINGS = ("model.layers=2 model.width=64 model.heads=2 chain.episodes=2 train.tokens_per_step=1024 "
            "train.steps=100000000 train.checkpoint_every=200 evaluate.every=20 evaluate.every_seeds=4 "
            "evaluate.episodes=2 evaluate.max_episode_steps=200 data.validation=0.1").split()


def sample(process, started):
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    values = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return {"seconds": round(time.monotonic() - started),
            "resident [kB]": int(values["VmRSS"].split()[0]), "threads": int(values["Threads"]),
            "files": len(os.listdir(f"/proc/{process}/fd"))}


def mean(samples, start, end, key):
    part = samples[int(len(samples) * start):int(len(samples) * end)]
    return sum(entry[key] for entry in part) / len(part)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=2)
    parser.add_argument("--out", default="docs/results/soak.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as base:
        data, run = f"{base}/data.hdf5", f"{base}/run"
        subprocess.run([PROGRAM, "collect", "--env", "InvertedPendulum-v5", "--algorithm", "random",
                        "--steps", "20000", "--out", data], check=True, env=ENVIRONMENT,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        started, samples = time.monotonic(), []
        with open(f"{base}/errors", "w") as errors:
            process = subprocess.Popen([PROGRAM, "train", "--data", data, "--out", run, *SETTINGS],
                                       env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=errors)
        while time.monotonic() - started < arguments.hours * 3600 and process.poll() is None:
            time.sleep(10)
            samples.append(sample(process.pid, started))
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=600)
        rows = (pathlib.Path(run) / "metrics.csv").read_text().splitlines()
        names, last = rows[0].split(","), rows[-1].split(",")
        error = pathlib.Path(base, "errors").read_text().strip().splitlines()[-1:]
    before, after = mean(samples, 0.1, 0.2, "resident [kB]"), mean(samples, 0.9, 1, "resident [kB]")
    summary = {"command": f"bench/run soak --hours {arguments.hours:g}", "exit": code, "said": error,
               "steps": int(last[names.index("step")]),
               "evaluations": int(last[names.index("step")]) // 20,
               "second tenth [kB]": round(before), "last tenth [kB]": round(after),
               "growth": round(after / before - 1, 5),
               "files": [samples[0]["files"], samples[-1]["files"]],
               "threads": [samples[0]["threads"], samples[-1]["threads"]]}
    out = ROOT / arguments.out
    out.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(" " + json.dumps(entry) for entry in samples[::6])  # one a minute
    out.write_text(json.dumps(summary)[:-1] + ', "samples": [\n' + lines + "\n]}\n")
    print(json.dumps(summary))
    raise SystemExit(0 if code == 75 and summary["growth"] < 0.01 else 1)


if __name__ == "__main__":
    main()
