# SPDX-License-Identifier: MIT
"""Plays a policy for 16 episodes in one context, in 8 simulations at once:

    python play_policy.py zoo/point_goal_2_episodes

Each simulation hides another goal. Later episodes are better: the policy remembers where the goal was.
"""
import sys

import longplay

policy = longplay.Policy(sys.argv[1], chains=8)
print(policy)
env = longplay.make_vec(num_envs=8, **policy.task)   # or any environment of Gymnasium's
returns = longplay.play(policy, env, episodes=16, seed=0)
print("mean return of episode 1, 2, 3, ...:", " ".join(f"{mean:.1f}" for mean in returns.mean(axis=0)))
print(f"one decision of 8 chains took {policy.status.seconds * 1e6:.0f} µs")
