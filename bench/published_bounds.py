# SPDX-License-Identifier: MIT
"""What simple policies earn on Point-Robot: the bounds beside the table in docs/published/point_robot.md.

    bench/run published_bounds --data point_robot.hdf5 [--tasks 45-49]

Task and goals are written out here once more. Told the goal, a policy is fitted to the data of tasks 0-44 by
least squares on (x, y, goal, 1) and 512 random tanh features of them; actions are clipped.
"""
import argparse
import os

import h5py
import numpy as np

STEPS, REACH = 20, 0.1
GOALS = np.random.RandomState(123456).uniform(-1, 1, (50, 2))
RIDGE = 1e-3  # of the number of rows


def play(act, goal):
    """act(place, step, rewards) → action"""
    place, rewards = np.zeros(2), []
    for step in range(STEPS):
        place = place + REACH * np.clip(act(place, step, rewards), -1, 1)
        rewards.append(-np.hypot(*(place - goal)))
    return sum(rewards)


def straight(goal):
    return lambda place, step, rewards: (goal - place) / REACH


def triangulating():
    """One step along x, one along y, then straight to where the two circles say."""
    def act(place, step, rewards):
        if step < 2:
            return np.eye(2)[step]
        first, second = np.array([REACH, 0]), np.array([REACH, REACH])
        # y from the two distances, x up to its sign: from the third reward the right one is known.
        a, b = rewards[0] ** 2, rewards[1] ** 2
        y = (a - b + REACH ** 2) / (2 * REACH)
        x = np.sqrt(max(0, a - y * y))
        # First the one nearer to the side it came from, as agent/explorers/literature_anchors.cpp.
        candidates = [np.array([REACH - x, y]), np.array([REACH + x, y])]
        if step > 2:
            third = act.third
            error = [abs(np.hypot(*(third - c)) + rewards[2]) for c in candidates]
            return (candidates[int(np.argmin(error))] - place) / REACH
        assert np.allclose(place, second) and np.allclose(place - first, [0, REACH])
        act.third = place + REACH * np.clip((candidates[0] - place) / REACH, -1, 1)
        return (candidates[0] - place) / REACH
    return act


def features(inputs, weights):
    return np.hstack([inputs, np.ones((len(inputs), 1)), np.tanh(inputs @ weights[:-1] + weights[-1])])


def fit(inputs, actions, amount, rows):
    """Weighted ridge regression of the chosen rows."""
    weights = np.random.default_rng(0).normal(size=(5, 512))
    x, w = features(inputs[rows], weights), amount[rows, None]
    left = x.T @ (w * x) + RIDGE * w.sum() * np.eye(x.shape[1])
    solution = np.linalg.solve(left, x.T @ (w * actions[rows]))
    return lambda goal: lambda place, step, rewards: (
        features(np.concatenate([place, goal])[None], weights) @ solution)[0]


def told_the_goal(path):
    with h5py.File(path) as file:
        places, actions = file["observations"][:], file["actions"][:].astype(float)
        task = np.repeat(file["longplay/history"][:], STEPS)
        returns = file["rewards"][:].reshape(-1, STEPS).sum(1)
    goals = GOALS[task]
    inputs = np.hstack([places, goals]).astype(float)
    ones = np.ones(len(inputs))
    progress = np.hypot(*(places - goals).T) - np.hypot(*(places + REACH * actions - goals).T)
    rank = np.argsort(np.argsort(returns.reshape(-1, 200), axis=1), axis=1).ravel()
    best = lambda count: np.repeat(rank >= 200 - count, STEPS)
    yield "told the goal, imitation of all data", fit(inputs, actions, ones, ones > 0)
    yield "told the goal, imitation of each task's best 10 %", fit(inputs, actions, ones, best(20))
    yield "told the goal, imitation of each task's best 2 %", fit(inputs, actions, ones, best(4))
    yield ("told the goal, exact advantages, beta 40",
           fit(inputs, actions, np.exp(40 * progress), ones > 0))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--tasks", default="45-49")
    arguments = parser.parse_args()
    try:
        first, last = map(int, arguments.tasks.split("-"))
    except ValueError:
        parser.error(f"--tasks: expected FIRST-LAST, got {arguments.tasks}")
    if not os.path.isfile(arguments.data):
        parser.error(f"--data: expected a file of scripts/point_robot_to_hdf5.py, got none at {arguments.data}")
    training = GOALS[:45] if first >= 45 else GOALS[:first]
    centre = training.mean(0)

    def line(name, policy):
        returns = [play(policy(goal), goal) for goal in GOALS[first:last + 1]]
        print(f"{name:52} {np.mean(returns):7.2f}   " + " ".join(f"{r:.2f}" for r in returns))

    line("standing still", lambda goal: lambda place, step, rewards: np.zeros(2))
    line("to the mean of the training goals", lambda goal: straight(centre))
    line("to another test goal",
         lambda goal: straight(GOALS[first + (np.abs(GOALS[first:] - goal).sum(1).argmin() + 1) % 5]))
    line("to the nearest training goal",
         lambda goal: straight(training[np.hypot(*(training - goal).T).argmin()]))
    line("triangulating in the first episode", lambda goal: triangulating())
    for name, policy in told_the_goal(arguments.data):
        line(name, policy)
    line("straight to the goal: the optimum", straight)


main()
