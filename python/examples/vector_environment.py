# SPDX-License-Identifier: MIT
"""Steps 16 simulations together, with random actions:

    python vector_environment.py [Hopper-v5]
"""
import sys

import gymnasium
import longplay  # makes its environments known to Gymnasium

task = sys.argv[1] if len(sys.argv) > 1 else "Hopper-v5"
env = longplay.make_vec(task, 16)   # or: gymnasium.make_vec("longplay/Hopper-v5", num_envs=16)
env = gymnasium.wrappers.vector.RecordEpisodeStatistics(env)

observations, infos = env.reset(seed=0)
env.action_space.seed(0)
returns = []
for _ in range(200):
    observations, rewards, terminated, truncated, infos = env.step(env.action_space.sample())
    if "episode" in infos:
        returns += list(infos["episode"]["r"][infos["_episode"]])
print(f"{task}: {len(returns)} episodes with random actions" +
      (f", mean return {sum(returns) / len(returns):.1f}" if returns else ""))
env.close()
