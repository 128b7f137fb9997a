# SPDX-License-Identifier: MIT
"""Stepping simulations: longplay, bare mjb_step, EnvPool and Gymnasium's vector environments.

    bench/run env [--quick] [--out FILE.json]

All four with random actions, resets included, on the same number of threads (Gymnasium: processes),
one after the other in short turns, so that a noisy machine is unkind to all; the median turn counts.
dm_control's tasks have no vector environment of Gymnasium's.
"""
import argparse
import json
import statistics
import subprocess
import sys
import time

from program import write_result

PINS = {"envpool": "1.2.5", "gymnasium": "1.4.0"}
THREADS, BATCH = 2, 64
TASKS = {  # ours: EnvPool's
    "HalfCheetah-v5": "HalfCheetah-v5", "Hopper-v5": "Hopper-v5", "Walker2d-v5": "Walker2d-v5",
    "Ant-v5": "Ant-v5", "dm_control/walker-walk-v0": "WalkerWalk-v1",
    "dm_control/cheetah-run-v0": "CheetahRun-v1",
    "dm_control/cartpole-swingup-v0": "CartpoleSwingup-v1"}


def longplay(task, seconds):
    out = subprocess.run(
        ["build/release/longplay", "bench", "env", "--env", task, "--threads", str(THREADS),
         "--batch", str(BATCH), "--seconds", str(seconds), "--json"],
        check=True, capture_output=True, text=True).stdout
    result = json.loads(out)
    return result["steps_per_second"], result["bare_steps_per_second"]


def steps_per_second(env, batch, seconds):
    import numpy as np
    space = getattr(env, "single_action_space", env.action_space)
    random = np.random.default_rng(1)
    actions = [random.uniform(space.low, space.high, (batch,) + space.low.shape)
               for _ in range(64)]
    env.reset()
    start, turns = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        env.step(actions[turns % 64])
        turns += 1
    return batch * turns / (time.perf_counter() - start)


def envpool_speed(task, seconds):
    import envpool
    env = envpool.make(TASKS[task], env_type="gymnasium", num_envs=BATCH, num_threads=THREADS, seed=1)
    return steps_per_second(env, BATCH, seconds)


def gymnasium_speed(task, seconds):
    import gymnasium
    env = gymnasium.make_vec(task, num_envs=THREADS, vectorization_mode="async")
    try:
        return steps_per_second(env, THREADS, seconds)
    finally:
        env.close()


def measure(task, rounds, seconds):
    turns = {"longplay": [], "mjb_step": [], "envpool": [], "gymnasium": []}
    ratios = []
    for _ in range(rounds):
        ours, bare = longplay(task, seconds)
        turns["longplay"].append(ours)
        turns["mjb_step"].append(bare)
        ratios.append(ours / bare)
        turns["envpool"].append(envpool_speed(task, seconds))
        if not task.startswith("dm_control/"):
            turns["gymnasium"].append(gymnasium_speed(task, seconds))
    row = {name: round(statistics.median(speeds)) for name, speeds in turns.items() if speeds}
    row["of_mjb_step"] = round(statistics.median(ratios), 3)
    row["of_envpool"] = round(
        statistics.median(a / b for a, b in zip(turns["longplay"], turns["envpool"])), 2)
    return row


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="one short turn each")
    parser.add_argument("--out", help="also write the figures here, as JSON")
    arguments = parser.parse_args()
    from importlib.metadata import version
    for package, pin in PINS.items():
        assert version(package) == pin, f"{package}: expected {pin}, got {version(package)}"
    rounds, seconds = (1, 0.5) if arguments.quick else (5, 2)
    rows = {}
    print(f"[steps/s] {BATCH} simulations on {THREADS} threads")
    print(f"{'':32}{'longplay':>10}{'mjb_step':>10}{'ratio':>7}{'EnvPool':>10}{'ratio':>7}"
          f"{'Gymnasium':>11}")
    for task in TASKS:
        row = rows[task] = measure(task, rounds, seconds)
        print(f"{task:32}{row['longplay']:>10}{row['mjb_step']:>10}{row['of_mjb_step']:>7.2f}"
              f"{row['envpool']:>10}{row['of_envpool']:>7.2f}{row.get('gymnasium', '-'):>11}",
              flush=True)
    write_result(arguments.out, {"command": "bench/run env", "threads": THREADS, "batch": BATCH, "pins": PINS,
                                 "steps_per_second": rows})


if __name__ == "__main__":
    sys.exit(main())
