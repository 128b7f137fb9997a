# SPDX-License-Identifier: MIT
"""The Python package beside what its users have today, all called from Python.

    bench/run python [--quick] [--out FILE.json]

- make_vec beside EnvPool and Gymnasium's AsyncVectorEnv: random actions, resets included, on the same
  number of threads (Gymnasium: processes).
- What one call costs: a step of one simulation of a grid, which itself takes well under a microsecond; a
  decision of a policy, less the time that the library says it took.
- Dataset beside Minari: 500 episodes of 1000 steps of (17, 6): episode after episode, and 32 random ones.

Short turns one after the other, so that a noisy machine is unkind to all; the median turn counts. Beside
another's work steps per second say little: what counts there are steps per second of the processor's time (of
all threads of the process), which EnvPool's column has too.
"""
import argparse
import os
import statistics
import sys
import tempfile
import time
from importlib.metadata import version

from data import write_minari
from environments import BATCH, TASKS, THREADS, gymnasium_speed
from program import write_result

PINS = {"envpool": "1.2.5", "gymnasium": "1.4.0", "minari": "0.5.3"}
CHAIN = 32
POLICY = "zoo/point_goal_2_episodes"


def speeds(env, seconds):
    """Steps a second, and a second of the processor's time."""
    import numpy as np
    space = getattr(env, "single_action_space", env.action_space)
    random = np.random.default_rng(1)
    actions = [random.uniform(space.low, space.high, (BATCH,) + space.low.shape) for _ in range(64)]
    env.reset()
    env.step(actions[0])
    start, processor, turns = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - start < seconds:
        env.step(actions[turns % 64])
        turns += 1
    return (BATCH * turns / (time.perf_counter() - start),
            BATCH * turns / (time.process_time() - processor))


def longplay_speeds(task, seconds):
    import longplay
    env = longplay.make_vec(task, BATCH, threads=THREADS)
    try:
        return speeds(env, seconds)
    finally:
        env.close()


def envpool_speeds(task, seconds):
    import envpool
    return speeds(envpool.make(TASKS[task], env_type="gymnasium", num_envs=BATCH, num_threads=THREADS,
                               seed=1), seconds)


def compare_task(task, rounds, seconds):
    turns = {"make_vec": [], "envpool": [], "gymnasium": []}
    for _ in range(rounds):
        turns["make_vec"].append(longplay_speeds(task, seconds))
        turns["envpool"].append(envpool_speeds(task, seconds))
        if not task.startswith("dm_control/"):
            turns["gymnasium"].append((gymnasium_speed(task, seconds),))
    row = {name: round(statistics.median(each[0] for each in speed))
           for name, speed in turns.items() if speed}
    for name, place, peer in (("of_envpool", 0, "envpool"), ("of_envpool_by_processor", 1, "envpool"),
                              ("of_gymnasium", 0, "gymnasium")):
        if turns[peer]:
            row[name] = round(statistics.median(
                a[place] / b[place] for a, b in zip(turns["make_vec"], turns[peer])), 2)
    return row


def compare_environments(rounds, seconds):
    print(f"[steps/s] {BATCH} simulations on {THREADS} threads, from Python; ratios: of time, of the "
          f"processor's time\n{'':32}{'make_vec':>10}{'EnvPool':>10}{'ratio':>7}{'ratio':>7}"
          f"{'Gymnasium':>11}{'ratio':>7}")
    rows = {}
    for task in TASKS:
        row = rows[task] = compare_task(task, rounds, seconds)
        print(f"{task:32}{row['make_vec']:>10}{row['envpool']:>10}{row['of_envpool']:>7.2f}"
              f"{row['of_envpool_by_processor']:>7.2f}{row.get('gymnasium', '-'):>11}"
              f"{row.get('of_gymnasium', '-'):>7}", flush=True)
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
    write_result(arguments.out, result)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
