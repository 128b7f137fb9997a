# SPDX-License-Identifier: MIT
"""Plays a policy for 16 episodes in one context, in 8 simulations at once:

    python play_policy.py zoo/point_goal_2_episodes family/point-goal-v0

Each simulation hides another goal. Later episodes are better: the policy remembers where the goal was.
"""
import sys

import longplay

folder, task = sys.argv[1], sys.argv[2]
policy = longplay.Policy(folder, chains=8)
print(policy)
returns = longplay.play(policy, longplay.make_vec(task, 8), episodes=16, seed=0)
print("mean return of episode 1, 2, 3, ...:", " ".join(f"{mean:.1f}" for mean in returns.mean(axis=0)))
print(f"one decision of 8 chains took {policy.status.seconds * 1e6:.0f} µs")
