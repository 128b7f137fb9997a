# SPDX-License-Identifier: MIT
"""Soft actor-critic of Stable-Baselines3 on a Gymnasium task; prints one JSON object with its updates
per second and the return of every training episode. Called by bench/collect.py."""
import argparse
import json
import time

import torch
import gymnasium
from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import BaseCallback


class Episodes(BaseCallback):
    """Notes the decision and the return at the end of each episode, and when updates began."""

    def __init__(self):
        super().__init__()
        self.rows, self.begun = [], None

    def _on_step(self):
        if self.begun is None and self.num_timesteps > self.model.learning_starts:
            self.begun = time.perf_counter()
        for info in self.locals["infos"]:
            if "episode" in info:
                self.rows.append([self.num_timesteps, float(info["episode"]["r"])])
        return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--random", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    # The defaults of the class, which are those of the paper, written out.
    learner = SAC("MlpPolicy", gymnasium.make(arguments.env), learning_rate=3e-4, buffer_size=1_000_000,
                  learning_starts=arguments.random, batch_size=256, tau=0.005, gamma=0.99, train_freq=1,
                  gradient_steps=1, ent_coef="auto", policy_kwargs=dict(net_arch=[256, 256]),
                  seed=arguments.seed, device="cpu")
    episodes = Episodes()
    learner.learn(arguments.steps, callback=episodes)
    seconds = time.perf_counter() - episodes.begun
    print(json.dumps(dict(updates_per_second=(arguments.steps - arguments.random) / seconds,
                          episodes=episodes.rows)))


if __name__ == "__main__":
    main()
