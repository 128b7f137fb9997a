# SPDX-License-Identifier: MIT
"""The Python package beside what its users have today, all called from Python.

    bench/run python [--quick] [--out FILE.json]

- make_vec beside EnvPool and Gymnasium's AsyncVectorEnv: random actions, resets included, on the same
  number of threads (Gymnasium: processes).
- What one call costs: a step of one simulation of a grid, which itself takes well under a microsecond; a
  decision of a policy, less the time that the library says it took.
- Dataset beside Minari: 500 episodes of 1000 steps of (17, 6): episode after episode, and 32 random ones.

Short turns one after the other, so that a noisy machine is unkind to all; the median turn counts.
"""
import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from importlib.metadata import version

from data import write_minari
from environments import BATCH, TASKS, THREADS, envpool_speed, gymnasium_speed, steps_per_second

PINS = {"envpool": "1.2.5", "gymnasium": "1.4.0", "minari": "0.5.3"}
CHAIN = 32
POLICY = "zoo/point_goal_2_episodes"


def longplay_speed(task, seconds):
    import longplay
    env = longplay.make_vec(task, BATCH, threads=THREADS)
    try:
        return steps_per_second(env, BATCH, seconds)
    finally:
        env.close()


def compare_environments(rounds, seconds):
    print(f"[steps/s] {BATCH} simulations on {THREADS} threads, from Python\n"
          f"{'':32}{'make_vec':>10}{'EnvPool':>10}{'ratio':>7}{'Gymnasium':>11}{'ratio':>7}")
    rows = {}
    for task in TASKS:
        turns = {"make_vec": [], "envpool": [], "gymnasium": []}
        for _ in range(rounds):
            turns["make_vec"].append(longplay_speed(task, seconds))
            turns["envpool"].append(envpool_speed(task, seconds))
            if not task.startswith("dm_control/"):
                turns["gymnasium"].append(gymnasium_speed(task, seconds))
        row = rows[task] = {name: round(statistics.median(each)) for name, each in turns.items() if each}
        for peer in ("envpool", "gymnasium"):
            if turns[peer]:
                row["of_" + peer] = round(statistics.median(
                    a / b for a, b in zip(turns["make_vec"], turns[peer])), 2)
        print(f"{task:32}{row['make_vec']:>10}{row['envpool']:>10}{row['of_envpool']:>7.2f}"
              f"{row.get('gymnasium', '-'):>11}{row.get('of_gymnasium', '-'):>7}", flush=True)
    return rows


def call_microseconds(calls):
    """Medians of what a call takes."""
    import longplay
    import numpy as np
    env = longplay.make_vec("family/grid-goal-v0", 1, threads=1)
    env.reset(seed=0)
    action, step = np.zeros(1, np.int64), []
    for _ in range(calls):
        start = time.perf_counter()
        env.step(action)
        step.append(time.perf_counter() - start)
    policy, decide = longplay.Policy(POLICY), []
    observation = np.zeros(policy.observation_size)
    policy.act(observation, 0.0, True)
    for _ in range(calls // 10):
        start = time.perf_counter()
        policy.act(observation, 0.0, False)
        decide.append(time.perf_counter() - start - policy.status.seconds)
    return {"step": round(1e6 * statistics.median(step), 1),
            "decision_beside_the_library": round(1e6 * statistics.median(decide), 1)}


def compare_data(folder, episodes, rounds):
    """[steps/s] every array of every episode touched; [ms] of 32 random ones."""
    import longplay
    import numpy as np
    theirs, path = write_minari(folder, episodes)
    start = time.perf_counter()
    ours = longplay.Dataset(path)
    opened = time.perf_counter() - start
    sampler = ours.chains(1, episodes=CHAIN, seed=0)
    turns = {"dataset": [], "minari": [], "chain": [], "minari_sample": []}
    for turn in range(rounds):
        start = time.perf_counter()
        total = sum(float(episode.observations.sum()) for episode in ours)
        turns["dataset"].append(ours.steps / (time.perf_counter() - start))
        start = time.perf_counter()
        same = sum(float(episode.observations[:-1].sum()) for episode in theirs.iterate_episodes())
        turns["minari"].append(ours.steps / (time.perf_counter() - start))
        assert np.isclose(total, same, rtol=1e-4, atol=1), (total, same)
        start = time.perf_counter()
        float(sampler(turn).observations[0, 0, 0])
        turns["chain"].append(1e3 * (time.perf_counter() - start))
        start = time.perf_counter()
        theirs.sample_episodes(CHAIN)
        turns["minari_sample"].append(1e3 * (time.perf_counter() - start))
    median = {name: statistics.median(each) for name, each in turns.items()}
    return {"open_seconds": round(opened, 2), "steps_per_second": round(median["dataset"]),
            "minari_steps_per_second": round(median["minari"]),
            "chain_milliseconds": round(median["chain"], 2),
            "minari_sample_milliseconds": round(median["minari_sample"], 2),
            "of_minari": round(median["dataset"] / median["minari"], 1),
            "chain_of_minari": round(median["minari_sample"] / median["chain"], 1)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="one short turn each")
    parser.add_argument("--out", help="also write the figures here, as JSON")
    arguments = parser.parse_args()
    for package, pin in PINS.items():
        assert version(package) == pin, f"{package}: expected {pin}, got {version(package)}"
    rounds, seconds = (1, 0.5) if arguments.quick else (5, 2)
    result = {"command": "bench/run python", "threads": THREADS, "batch": BATCH, "pins": PINS}
    result["steps_per_second"] = compare_environments(rounds, seconds)
    result["call_microseconds"] = call_microseconds(1000 if arguments.quick else 20000)
    print("[us] a call:", result["call_microseconds"])
    with tempfile.TemporaryDirectory() as folder:
        result["data"] = compare_data(folder, 50 if arguments.quick else 500, rounds)
    print("data:", result["data"])
    if arguments.out:
        with open(arguments.out, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
