# SPDX-License-Identifier: MIT
"""Looks at a data set and draws chains of its episodes:

    python data_sets.py hopper.hdf5
"""
import sys

import longplay

path = sys.argv[1]
for problem in longplay.validate(path):
    print(f"{problem.severity}: {problem.where}: {problem.problem}")

data = longplay.Dataset(path)
print(data)
best = max(data, key=lambda episode: episode.total_return)
print(f"the best is {best}: observations {best.observations.shape}, actions {best.actions.shape}")

# Two chains of three episodes for each step of a training of your own, the same for a seed always.
for step, chains in zip(range(3), data.chains(2, episodes=3, seed=1)):
    print(f"step {step}: observations {chains.observations.shape}, {int(chains.in_loss.sum())} steps count,",
          "episodes", [list(map(int, numbers)) for numbers in chains.numbers])
