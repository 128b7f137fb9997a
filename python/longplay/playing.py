# SPDX-License-Identifier: MIT
"""Plays a policy in any environment of Gymnasium's: E episodes in one context."""
from __future__ import annotations

from typing import Any

import numpy as np

from longplay.policy import Policy


class _One:
    """A single environment in the form of a vector of one, without resets of its own."""

    mode = "Disabled"

    def __init__(self, env: Any) -> None:
        self._env, self.num_envs = env, 1
        self.action_space = env.action_space

    def reset(self, seed: int | None, options: dict[str, Any] | None = None) -> np.ndarray:
        return np.asarray(self._env.reset(seed=seed)[0])[None]

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, ...]:
        observation, reward, terminated, truncated, _ = self._env.step(actions[0])
        return (np.asarray(observation)[None], np.array([reward], float), np.array([terminated], bool),
                np.array([truncated], bool))


class _Many:
    """A vector environment; its mode says what a step after an episode's end is."""

    def __init__(self, env: Any) -> None:
        self._env, self.num_envs = env, env.num_envs
        mode = env.metadata.get("autoreset_mode")
        if mode is None:
            raise ValueError(f"playing {env}: expected metadata['autoreset_mode'], got none: how it starts "
                             "its next episodes is not known")
        self.mode = getattr(mode, "value", mode)
        self.action_space = env.single_action_space

    def reset(self, seed: int | None, options: dict[str, Any] | None = None) -> np.ndarray:
        return np.asarray(self._env.reset(seed=seed, options=options)[0])

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, ...]:
        observations, rewards, terminated, truncated, _ = self._env.step(actions)
        return np.asarray(observations), np.asarray(rewards, float), terminated, truncated


def _fitted(space: Any, actions: np.ndarray) -> np.ndarray:
    """As the environment takes them: its type, its first choice, its shape."""
    if hasattr(space, "n"):
        return actions.astype(space.dtype) + space.dtype.type(getattr(space, "start", 0))
    # Outside of its bounds an action means nothing to some environments, and the nearest to others.
    shaped = actions.reshape(len(actions), *space.shape)
    return np.clip(shaped, space.low, space.high).astype(space.dtype)


def _require_fit(policy: Policy, space: Any, observations: np.ndarray) -> None:
    """The policy sees and does what this environment shows and takes."""
    seen = observations.reshape(len(observations), -1).shape[1]
    if seen != policy.observation_size:
        raise ValueError(f"playing: observations: expected {policy.observation_size} numbers, as the policy "
                         f"sees, got {seen}")
    wanted = (f"{policy.action_size} choices" if policy.discrete else
              f"{policy.action_size} numbers")
    if hasattr(space, "n"):
        got = f"{space.n} choices"
    elif hasattr(space, "low"):
        got = f"{int(np.prod(space.shape))} numbers"
    else:
        got = str(space)
    if got != wanted:
        raise ValueError(f"playing: actions: expected {wanted}, as the policy gives, got {got}")


def play(policy: Policy, env: Any, episodes: int = 8, *, seed: int | None = None,
         target: float | None = None) -> np.ndarray:
    """Plays `episodes` episodes one after another in one context, in every simulation of `env`.

    Args:
        policy: with at least as many chains as there are simulations; its chains begin anew.
        env: a ``gymnasium.Env``, or a ``gymnasium.vector.VectorEnv`` in any autoreset mode. Observations
            are flattened; a Discrete action space may start anywhere.
        episodes: E. Later ones see the earlier: returns that rise are what a context is for.
        seed: of the first reset, by which a task with a hidden parameter draws it.
        target: return asked for; None = the policy's.

    Returns:
        [B, E] undiscounted returns.
    """
    world = _Many(env) if hasattr(env, "num_envs") else _One(env)
    count = world.num_envs
    if count > policy.chains:
        raise ValueError(f"playing: expected a policy with at least {count} chains, as many as there are "
                         f"simulations, got {policy.chains}")
    if episodes < 1:
        raise ValueError(f"playing: episodes: expected at least 1, got {episodes}")
    first = world.reset(seed)
    _require_fit(policy, world.action_space, first)
    policy.start_chain(target=target)
    returns, done = np.zeros((count, episodes)), np.zeros(count, int)
    seen = np.zeros((policy.chains, policy.observation_size))
    rewards, starts = np.zeros(policy.chains), np.zeros(policy.chains, bool)
    active = np.zeros(policy.chains, bool)
    seen[:count] = first.reshape(count, -1)
    starts[:count] = True
    resetting = np.zeros(count, bool)  # NEXT_STEP: this step starts the next episode
    while (done < episodes).any():
        active[:count] = ~resetting & (done < episodes)
        decided = policy.act(seen, rewards, starts, active)
        observations, gained, terminated, truncated = world.step(
            _fitted(world.action_space, decided[:count]))
        played = active[:count]
        returns[played, done[played]] += gained[played]
        rewards[:count][played] = gained[played]
        starts[:count][played] = False
        over = np.logical_or(terminated, truncated)
        if world.mode == "Disabled" and over.any():
            again = world.reset(None, {"reset_mask": over.copy()})
            observations = np.where(over.reshape(count, *[1] * (again.ndim - 1)), again, observations)
        # The next decision of these is the first of an episode.
        starts[:count] |= over
        done += over & played
        resetting = over.copy() if world.mode == "NextStep" else np.zeros(count, bool)
        seen[:count] = observations.reshape(count, -1)
    return returns
