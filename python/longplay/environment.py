# SPDX-License-Identifier: MIT
"""Environments for Gymnasium: many at once (`make_vec`) and one (`make`)."""
from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from longplay._environments import Simulations, environments, episode_seed


def _spaces(spec: dict[str, Any], dtype: np.dtype) -> tuple[gymnasium.Space, gymnasium.Space]:
    """Of one observation and one action."""
    observation = gymnasium.spaces.Box(-np.inf, np.inf, (spec["observation_size"],), dtype.type)
    if spec["action_space"] == "discrete":
        return observation, gymnasium.spaces.Discrete(spec["action_size"])
    low = [-np.inf if bound is None else bound for bound in spec["action_low"]]
    high = [np.inf if bound is None else bound for bound in spec["action_high"]]
    action = gymnasium.spaces.Box(np.array(low, np.float32), np.array(high, np.float32))
    return observation, action


def _simulations(task: str, batch: int, dtype: Any, options: dict[str, Any]) -> Simulations:
    known = {"action_repeat": 1, "max_episode_steps": 0, "threads": 0, "held_out": False,
             "float32_actions": True}
    unknown = set(options) - set(known)
    if unknown:
        raise TypeError(f"making {task}: {', '.join(sorted(unknown))}: expected some of "
                        f"{', '.join(known)}, autoreset_mode, dtype")
    if not isinstance(task, str):
        raise ValueError(f"making an environment: id: expected a text, got {task!r}")
    if options.get("max_episode_steps", 0) is None:  # Gymnasium's "the task's own"
        options = {**options, "max_episode_steps": 0}
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise ValueError(f"making {task}: dtype: expected float32 or float64, got {dtype}")
    return Simulations(task, batch, dtype=np.dtype(dtype), **{**known, **options})


class VectorEnvironment(VectorEnv):
    """B simulations of one task, stepped together on several threads in one call.

    A ``gymnasium.vector.VectorEnv``; made by :func:`make_vec` or ``gymnasium.make_vec``. What happens
    when an episode of one of them ends is the autoreset mode, as in Gymnasium's own:

    - NEXT_STEP: the step gives the last observation; the next one ignores this action, starts an
      episode and gives its first observation with reward 0.
    - SAME_STEP: the same step starts the next episode and gives its first observation; the last
      one of the old is in ``infos["final_obs"]``.
    - DISABLED: ``reset(options={"reset_mask": ended})`` before the next step, else it is an error.

    ``reset(seed=s)`` seeds simulation i with s + i, and draws hidden parameters anew where the task
    has some; later episodes follow from that seed. The same seeds and actions give the same bytes,
    whatever the number of threads or simulations. ``infos["diverged"]`` is there when a simulation
    became unusable. Used by one thread at a time.
    """

    def __init__(self, task: str, num_envs: int = 1, *,
                 autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
                 dtype: Any = np.float64, **options: Any) -> None:
        super().__init__()
        by_name = AutoresetMode.__members__.get(str(autoreset_mode))
        self.autoreset_mode = by_name or AutoresetMode(autoreset_mode)
        self._simulations = _simulations(task, num_envs, dtype, options)
        self.num_envs = num_envs
        self.metadata = {"autoreset_mode": self.autoreset_mode, "render_modes": []}
        self.render_mode = None
        self.single_observation_space, self.single_action_space = _spaces(
            self._simulations.spec, np.dtype(dtype))
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._seeds: list[int] | None = None  # of each simulation's first episode
        self._episodes = [0] * num_envs       # started since then
        self._ended = np.zeros(num_envs, np.bool_)

    @property
    def task(self) -> dict[str, Any]:
        """The task's ``id``, sizes, bounds and limit."""
        return dict(self._simulations.spec)

    def reset(self, *, seed: int | list[int | None] | None = None,
              options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict[str, Any]]:
        """Starts episodes of all, or of those in ``options["reset_mask"]`` ([B] bool)."""
        which = self._which(options)
        chains = self._take_seeds(seed)
        self._start(which, chains & set(which.tolist()))
        self._ended[which] = False
        return self._simulations.observations.copy(), {}

    def _which(self, options: dict[str, Any] | None) -> np.ndarray:
        if options is None or "reset_mask" not in options:
            return np.arange(self.num_envs)
        mask = options["reset_mask"]
        good = isinstance(mask, np.ndarray) and mask.shape == (self.num_envs,) and mask.dtype == np.bool_
        if not good or not mask.any():
            raise ValueError(f"resetting: options['reset_mask']: expected an array of {self.num_envs} "
                             f"bools with a true one, got {mask!r}")
        if self._seeds is None and not mask.all():
            raise ValueError("resetting: options['reset_mask']: expected a reset of all first")
        return np.flatnonzero(mask)

    def _take_seeds(self, seed: int | list[int | None] | None) -> set[int]:
        """Returns which simulations got a seed."""
        count = self.num_envs
        if seed is None and self._seeds is None:
            seed = int(np.random.SeedSequence().generate_state(1, np.uint64)[0] >> 1)
        if seed is None:
            return set()
        given = [seed + i for i in range(count)] if isinstance(seed, (int, np.integer)) else list(seed)
        if len(given) != count:
            raise ValueError(f"resetting: seed: expected {count} seeds, got {len(given)}")
        if any(each is not None and each < 0 for each in given):
            raise ValueError(f"resetting: seed: expected 0 or more, got {seed}")
        if self._seeds is None:
            drawn = np.random.SeedSequence().generate_state(count, np.uint64)
            self._seeds = [int(each >> 1) for each in drawn]
            given = [self._seeds[i] if each is None else each for i, each in enumerate(given)]
        seeded = set()
        for i, each in enumerate(given):
            if each is not None:
                self._seeds[i], self._episodes[i] = int(each), 0
                seeded.add(i)
        return seeded

    def _start(self, which: np.ndarray, chains: set[int]) -> None:
        """Starts an episode of each, of the seed that is its turn."""
        assert self._seeds is not None
        seeds = np.array([episode_seed(self._seeds[i], self._episodes[i]) for i in which.tolist()],
                         np.uint64)
        for i in which.tolist():
            self._episodes[i] += 1
        fresh = np.array([i in chains for i in which.tolist()], np.bool_)
        for new in (True, False):
            some = which[fresh == new]
            if len(some):
                self._simulations.reset(some, seeds[fresh == new], new)

    def step(self, actions: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """One decision of each: observations, rewards, terminations, truncations, infos."""
        simulations, mode = self._simulations, self.autoreset_mode
        if self._seeds is None:
            raise gymnasium.error.ResetNeeded("stepping: expected reset() first")
        # NEXT_STEP: those that ended with the last step start, the others step.
        if mode == AutoresetMode.NEXT_STEP and self._ended.any():
            simulations.step(actions, np.logical_not(self._ended))
            self._start(np.flatnonzero(self._ended), set())
        else:
            simulations.step(actions)
        self._ended = simulations.terminated | simulations.truncated
        rewards, terminated = simulations.rewards.copy(), simulations.terminated.copy()
        truncated = simulations.truncated.copy()
        infos: dict[str, Any] = {}
        if self._ended.any():
            infos = self._end(mode)
        return simulations.observations.copy(), rewards, terminated, truncated, infos

    def _end(self, mode: AutoresetMode) -> dict[str, Any]:
        """What is told of episodes that ended; SAME_STEP: the next ones start."""
        simulations = self._simulations
        infos: dict[str, Any] = {}
        ended = np.flatnonzero(self._ended)
        for i in ended.tolist():
            info: dict[str, Any] = {"diverged": True} if simulations.diverged[i] else {}
            if mode == AutoresetMode.SAME_STEP:
                info = {"final_obs": simulations.observations[i].copy(), "final_info": info}
            infos = self._add_info(infos, info, i)
        if mode == AutoresetMode.SAME_STEP:
            self._start(ended, set())
            self._ended[:] = False
        return infos

    def hidden_parameter(self, i: int) -> np.ndarray:
        """Of simulation i, what its observations do not show; for oracles and reports."""
        return self._simulations.parameter(i)

    def positions(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        """Joint positions and velocities of simulation i."""
        return self._simulations.positions(i)

    def set_positions(self, i: int, positions: Any, velocities: Any, step: int = 0) -> np.ndarray:
        """Sets them, `step` decisions after the episode's start; returns what is seen then."""
        self._simulations.set_positions(i, positions, velocities, step)
        self._ended[i] = False
        return self._simulations.observations[i].copy()

    def close_extras(self, **kwargs: Any) -> None:
        if hasattr(self, "_simulations"):  # made at all
            self._simulations.close()


class Environment(gymnasium.Env):
    """One simulation, a ``gymnasium.Env``; made by :func:`make` or ``gymnasium.make``.

    Seeds, episodes and numbers are those of simulation 0 of a :class:`VectorEnvironment`.
    """

    metadata: dict[str, Any] = {"render_modes": []}

    def __init__(self, task: str, *, dtype: Any = np.float64, **options: Any) -> None:
        self._vector = VectorEnvironment(task, 1, autoreset_mode=AutoresetMode.DISABLED, dtype=dtype,
                                         **{"threads": 1, **options})
        self.observation_space = self._vector.single_observation_space
        self.action_space = self._vector.single_action_space

    @property
    def task(self) -> dict[str, Any]:
        """The task's ``id``, sizes, bounds and limit."""
        return self._vector.task

    def reset(self, *, seed: int | None = None,
              options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict[str, Any]]:
        super().reset(seed=seed)
        observations, _ = self._vector.reset(seed=seed)
        return observations[0], {}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        observations, rewards, terminated, truncated, infos = self._vector.step(
            np.asarray(action)[None])
        info = {"diverged": True} if "diverged" in infos else {}
        return observations[0], float(rewards[0]), bool(terminated[0]), bool(truncated[0]), info

    def positions(self) -> tuple[np.ndarray, np.ndarray]:
        """Joint positions and velocities."""
        return self._vector.positions(0)

    def set_positions(self, positions: Any, velocities: Any, step: int = 0) -> np.ndarray:
        """Sets them, `step` decisions after the episode's start; returns what is seen then."""
        return self._vector.set_positions(0, positions, velocities, step)

    def close(self) -> None:
        self._vector.close()


def make_vec(id: str, num_envs: int = 1, **options: Any) -> VectorEnvironment:
    """`num_envs` simulations of an environment of longplay's list, stepped together.

    Args:
        id: as ``longplay env list`` has it, or :func:`longplay.environments`: ``"Hopper-v5"``,
            ``"dm_control/walker-run-v0"``, ``"family/grid-goal-v0"``; it may carry arguments of the
            task: ``"Hopper-v5?healthy_z_range=0.8,inf"``.
        num_envs: B.
        autoreset_mode: ``"NEXT_STEP"``, ``"SAME_STEP"``, ``"DISABLED"`` or Gymnasium's AutoresetMode.
        threads: that step; 0 = one for each CPU.
        max_episode_steps: 0 = the task's own limit.
        action_repeat: each action is applied this often; rewards add up.
        dtype: of observations, float64 or float32.
        float32_actions: costs of actions are computed in float32, as Gymnasium does with actions
            drawn from its spaces; False: in float64.
        held_out: task families draw the hidden parameters that are kept for tests.
    """
    if not id:
        raise ValueError("making an environment: id: expected one of longplay.environments(), got none (where a "
                         "policy's data name no environment, make your own and hand it to longplay.play)")
    return VectorEnvironment(id, num_envs, **options)


def make(id: str, **options: Any) -> Environment:
    """One simulation of an environment of longplay's list; options as :func:`make_vec` has them."""
    return Environment(id, **options)


def registered_id(id: str) -> str:
    """What Gymnasium calls an environment of ours: ``longplay/dm_control.walker-run-v0``."""
    return "longplay/" + id.replace("/", ".")


def register() -> None:
    """Makes them known to ``gymnasium.make`` and ``gymnasium.make_vec``; `import longplay` does."""
    for spec in environments():
        name = registered_id(spec["id"])
        if name not in gymnasium.registry:
            gymnasium.register(id=name, entry_point="longplay.environment:Environment",
                               vector_entry_point="longplay.environment:VectorEnvironment",
                               kwargs={"task": spec["id"]})
