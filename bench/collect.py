# SPDX-License-Identifier: MIT
"""A soft actor-critic of `longplay collect` beside Stable-Baselines3's with the same hyperparameters.

    bench/run collect [--speed] [--returns] [--seeds 3] [--steps 30000] [--threads 1] [--out FILE.json]

--speed: updates per second on Hopper-v5 and HalfCheetah-v5, in turns (median of three).
--returns: the mean return of the training episodes that end in the last fifth of the steps, with 95 %
intervals (Student's t over the seeds). What FILE.json has is not run again. Without either: both.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import h5py

from program import write_result

ENVIRONMENTS = ["Hopper-v5", "HalfCheetah-v5"]
RANDOM = 1000  # decisions before the first update
LONGPLAY = os.environ.get("LONGPLAY", "build/release/longplay")
STUDENT_T = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}  # 97.5 % quantile, by the number of seeds

CONFIG = f"""
collect: {{env: ENVIRONMENT, algorithm: sac, learners: 1, steps: STEPS, seed: SEED}}
sac:
  simulations: 1
  random_decisions: {RANDOM}
  updates_per_decision: 1
  batch: 256
  replay: 1000000
  hidden: 256
  critic_layers: 2
  learning_rate: 3.0e-4
  discount: 0.99
  target_rate: 0.005
  first_temperature: 1.0
"""


def surroundings(threads):
    return dict(os.environ, OMP_NUM_THREADS=str(threads))


def longplay(environment, steps, seed, threads, start=None):
    """`start`: [s] that a run without updates takes, which does not count."""
    if start is None:
        start = 0 if steps == RANDOM else longplay(environment, RANDOM, seed, threads, 0)["seconds"]
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/config.yaml", "w") as file:
            file.write(CONFIG.replace("ENVIRONMENT", environment).replace("STEPS", str(steps))
                       .replace("SEED", str(seed)))
        began = time.perf_counter()
        done = subprocess.run([LONGPLAY, "collect", "--config", f"{folder}/config.yaml", "--out",
                               f"{folder}/data.hdf5"], capture_output=True, text=True,
                              env=surroundings(threads))
        seconds = time.perf_counter() - began
        if done.returncode:
            sys.exit(done.stderr)
        episodes, ended = [], 0
        with h5py.File(f"{folder}/data.hdf5") as file:
            for name in sorted((k for k in file if k.startswith("episode_")), key=lambda k: int(k[8:])):
                rewards = file[name]["rewards"][:]
                ended += len(rewards)
                episodes.append([ended, float(rewards.sum())])
    return dict(updates_per_second=(ended - RANDOM) / max(1e-9, seconds - start), seconds=seconds,
                episodes=episodes)


def stable_baselines(environment, steps, seed, threads):
    done = subprocess.run([sys.executable, "bench/peers/stable_baselines_sac.py", "--env", environment,
                           "--steps", str(steps), "--random", str(RANDOM), "--seed", str(seed),
                           "--threads", str(threads)], capture_output=True, text=True,
                          env=surroundings(threads))
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


CONTENDERS = {"longplay": longplay, "Stable-Baselines3": stable_baselines}


def speed(threads):
    rows = {}
    for environment in ENVIRONMENTS:
        rates = {name: [] for name in CONTENDERS}
        for turn in range(3):
            for name in list(CONTENDERS)[::1 if turn % 2 == 0 else -1]:
                rates[name].append(CONTENDERS[name](environment, RANDOM + 3000, turn, threads)
                                   ["updates_per_second"])
        medians = {name: statistics.median(values) for name, values in rates.items()}
        rows[environment] = dict(**medians, ratio=medians["longplay"] / medians["Stable-Baselines3"])
        print(environment, rows[environment], file=sys.stderr)
    return rows


def late_return(episodes, steps):
    late = [value for ended, value in episodes if ended > 0.8 * steps]
    return statistics.mean(late)


def summary(runs, steps):
    rows = {}
    for environment in ENVIRONMENTS:
        for name in CONTENDERS:
            values = [late_return(run["episodes"], steps) for key, run in runs.items()
                      if key.startswith(f"{environment}/{name}/")]
            if not values:
                continue
            half = (STUDENT_T[len(values)] * statistics.stdev(values) / len(values) ** 0.5
                    if len(values) in STUDENT_T else None)
            rows[f"{environment}, {name}"] = dict(mean=statistics.mean(values), half_width=half,
                                                  seeds=len(values))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--returns", action="store_true")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=30000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", default="runs/bench_collect.json")
    arguments = parser.parse_args()
    both = arguments.speed == arguments.returns
    result = dict(steps=arguments.steps, threads=arguments.threads, speed={}, runs={}, summary={})
    if os.path.exists(arguments.out):
        with open(arguments.out) as file:
            result = json.load(file)
        if result["steps"] != arguments.steps:
            sys.exit(f"error: {arguments.out} is of {result['steps']} steps: give --steps, or another --out")

    if both or arguments.speed:
        result["speed"] = speed(arguments.threads)
        write_result(arguments.out, result)
    for seed in range(arguments.seeds if both or arguments.returns else 0):
        for environment in ENVIRONMENTS:
            for name, contender in CONTENDERS.items():
                key = f"{environment}/{name}/{seed}"
                if key in result["runs"]:
                    continue
                result["runs"][key] = contender(environment, arguments.steps, seed, arguments.threads)
                result["summary"] = summary(result["runs"], arguments.steps)
                write_result(arguments.out, result)
                print(key, round(late_return(result["runs"][key]["episodes"], arguments.steps), 1),
                      file=sys.stderr)
    print(json.dumps(dict(speed=result["speed"], summary=result["summary"]), indent=1))


if __name__ == "__main__":
    main()
