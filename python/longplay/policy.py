# SPDX-License-Identifier: MIT
"""Policies that `longplay export` wrote, acting without LibTorch: numpy in, numpy out."""
from __future__ import annotations

import ctypes
import json
import math
import os
from ctypes import byref, c_double, c_int64, c_size_t, c_void_p
from typing import Any, NamedTuple

import numpy as np

from longplay import _acting
from longplay._library import Error


class Status(NamedTuple):
    """What the last call of a policy took."""

    seconds: float   # that the call took
    tokens: int      # held by the contexts of all chains
    steps: int       # of these chains, since each was started
    overruns: int    # calls so far that took longer than the deadline
    calls: int       # so far


def _evaluation(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """What an export's configuration says of how it is played; {} where it says nothing. A file that
    cannot be read is the library's to refuse."""
    try:
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            found = json.load(file)["config"]["evaluate"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


class Policy:
    """A trained policy, with B contexts (chains) side by side.

    >>> policy = longplay.Policy("zoo/point_goal_2_episodes")
    >>> action = policy.act(observation, reward, start)          # one chain: [O] → [A]
    >>> policy = longplay.Policy("zoo/point_goal_2_episodes", chains=8)
    >>> actions = policy.act(observations, rewards, starts)      # [B, O] → [B, A]

    All memory is taken here; a call takes none. What a chain has seen stays in its context from episode to
    episode, until :meth:`start_chain`. Used by one thread at a time; different policies share nothing.
    """

    def __init__(self, folder: str | os.PathLike[str], chains: int = 1, *, context_steps: int = 0,
                 window_episodes: int = 0, key_value_type: str = "float32", weight_type: str = "float32",
                 when_full: str = "slide", context: str = "auto", act: str | None = None,
                 best_of: int | None = None, temperature: float | None = None,
                 draw_every: int | None = None, seed: int = 0, target: float | None = None,
                 target_step: float = 0, deadline: float = 0, vectors: str = "auto") -> None:
        """
        Args:
            folder: as ``longplay export`` writes it: config.json and model.safetensors.
            chains: B.
            context_steps: that each context holds; 0 = the longest that training showed it.
            window_episodes: a context is the last so many episodes; 0 = no such bound.
            key_value_type, weight_type: "float32", "float16" or "int8", how they are held.
            when_full: "slide": the last steps are seen; "error": the call is refused.
            context: "all_episodes", "one_episode", or "auto": as it was trained.
            act: "mean", "sample", or "best_of" (the sample that the policy's own value heads rate
                highest; train.method ic_iql), drawn with `seed`; None = as its configuration says
                (evaluate.act): policies that explore by their samples need them.
            best_of, temperature: samples that act="best_of" rates; with a temperature [return] it draws
                one of them, with probability ~ exp(value / temperature). None = as its configuration says.
            draw_every: [decisions] that the random numbers behind a draw last; None = as its
                configuration says.
            target: return asked for; None = the best in the data that it was trained on.
            target_step: share of the target's size added after an episode that reached it.
            deadline: [s] a call that takes longer is counted in ``status.overruns``; 0 = none.
            vectors: instructions: "auto", "plain", "avx2", "avx512", "neon".
        """
        self._handle = c_void_p()
        self._library = lib = _acting.library()
        if os.path.isdir(os.path.join(folder, "checkpoints")):
            name = os.fspath(folder)
            raise Error(f"reading {name}: expected an exported policy, got a run folder: "
                        f"longplay export {name} --out FOLDER makes one of it")
        evaluation = _evaluation(folder)
        configured = evaluation.get("act")
        if act is None:
            act = configured if configured in _acting.CHOICES["act"] else "mean"
        #: What it was trained for, as ``longplay.make_vec(num_envs=8, **policy.task)`` takes it.
        self.task: dict[str, Any] = {"id": evaluation.get("environment"), **{
            name: evaluation[name] for name in ("action_repeat", "max_episode_steps")
            if name in evaluation}}
        options = _acting.Options()
        self._check(lib.policy_defaults(byref(options), ctypes.sizeof(options)))
        options.chains, options.context_steps = chains, context_steps
        options.window_episodes, options.seed, options.deadline = window_episodes, seed, deadline
        options.target = math.nan if target is None else target
        options.target_step = target_step
        for name, given in (("best_of", best_of), ("temperature", temperature), ("draw_every", draw_every)):
            value = evaluation.get(name) if given is None else given
            if value is not None:  # exports of older versions do not say
                setattr(options, name, value)
        for name, value in (("key_value_type", key_value_type), ("weight_type", weight_type),
                            ("when_full", when_full), ("context", context), ("act", act),
                            ("vectors", vectors)):
            setattr(options, name, _acting.choice(name, value))
        message = _acting.message_buffer()
        code = lib.policy_open(os.fsencode(folder), byref(options), byref(self._handle), message,
                               len(message))
        if code:
            self._raise(code, message.value)
        description = _acting.Description(size=ctypes.sizeof(_acting.Description))
        self._check(lib.policy_describe(self._handle, byref(description)))
        #: Sizes, memory and what it was trained on, by the names of the C interface.
        self.description: dict[str, Any] = {
            field[0]: getattr(description, field[0]) for field in description._fields_[1:]}
        self.description["vectors"] = _acting.CHOICES["vectors"][description.vectors]
        self.chains, self.observation_size = chains, description.observation_size
        self.action_size = description.action_size  # numbers of an action, or choices of a discrete one
        self.discrete = bool(description.discrete)
        self._columns = description.action_columns
        # What a call reads and writes: always the same memory.
        self._observations = np.zeros((chains, self.observation_size))
        self._rewards, self._starts = np.zeros(chains), np.ones(chains, np.uint8)
        self._active = np.ones(chains, np.uint8)
        self._actions = np.zeros((chains, self._columns))
        self._view = _acting.View(*(each.ctypes.data for each in (
            self._observations, self._rewards, self._starts, self._active)))
        self._status = _acting.Status()
        self._call = (self._handle, byref(self._view), self._actions.ctypes.data, byref(self._status))

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Gives the memory back."""
        if getattr(self, "_handle", None):
            self._library.policy_close(self._handle)
            self._handle = c_void_p()

    def _check(self, code: int) -> None:
        if code:
            self._raise(code, self._library.policy_message(self._handle) if self._handle else b"")

    @staticmethod
    def _raise(code: int, message: bytes) -> None:
        text = message.decode("utf-8", "replace")
        if code == 5:
            raise MemoryError(text)
        raise ValueError(text) if code in (1, 4) else Error(text)

    def _see(self, observations: Any, rewards: Any, starts: Any, active: Any) -> bool:
        """Takes the view in; True if it is of one chain, without the first axis."""
        array = np.asarray(observations)
        single = array.ndim == 1 and self.chains == 1
        if array.shape != ((self.observation_size,) if single else self._observations.shape):
            raise ValueError(f"acting: observations: expected the shape {self._observations.shape}, "
                             f"got {array.shape}")
        self._observations[:] = array
        self._rewards[:] = 0 if rewards is None else rewards
        self._starts[:] = 0 if starts is None else starts
        self._active[:] = 1 if active is None else active
        return single

    def act(self, observations: Any, rewards: Any = None, starts: Any = None,
            active: Any = None) -> np.ndarray:
        """One decision of every active chain.

        Args:
            observations: [B, O], or [O] with one chain.
            rewards: [B] of each chain's previous decision, also of the last one of an episode.
            starts: [B] bool, the first decision of an episode.
            active: [B] bool, which chains are asked; None = all.

        Returns:
            [B, A] (or [A]) in the task's units; of discrete actions their numbers, [B] int64 (or one).
            Rows of chains that are not active are zero.
        """
        single = self._see(observations, rewards, starts, active)
        self._actions[:] = 0
        code = self._library.policy_act(*self._call)
        if code:
            self._check(code)
        actions = self._actions[:, 0].astype(np.int64) if self.discrete else self._actions.copy()
        return actions[0] if single else actions

    def watch(self, observations: Any, rewards: Any = None, starts: Any = None, actions: Any = None,
              active: Any = None) -> None:
        """The same where others decide: their `actions` [B, A] (or [B]) are taken in."""
        self._see(observations, rewards, starts, active)
        self._actions[:] = np.asarray(actions, np.float64).reshape(self._actions.shape)
        self._check(self._library.policy_watch(*self._call))

    def read(self, chain: int, observations: Any, actions: Any, rewards: Any, starts: Any,
             previous_reward: float = 0) -> None:
        """Recorded steps of a chain, which follow those that it has seen: [n, O], [n, A] (or [n]), [n],
        [n]. The reward of the last one is told by the next call. Quicker than watching them one by one."""
        n = len(observations)
        arrays: list[np.ndarray] = [
            np.ascontiguousarray(observations, np.float64).reshape(n, self.observation_size),
            np.ascontiguousarray(actions, np.float64).reshape(n, self._columns),
            np.ascontiguousarray(rewards, np.float64).reshape(n),
            np.ascontiguousarray(starts, np.uint8).reshape(n)]
        recording = _acting.Recording(chain, n, *(each.ctypes.data for each in arrays), previous_reward)
        self._check(self._library.policy_submit(self._handle, byref(recording), None))
        self._check(self._library.policy_poll(self._handle, -1, byref(c_int64()), byref(self._status)))

    def start_chain(self, chain: int | None = None, target: float | None = None) -> None:
        """A chain (None: all) begins anew, as if it had never acted; `target`: None = the policy's."""
        for i in range(self.chains) if chain is None else (chain,):
            self._check(self._library.policy_start_chain(
                self._handle, i, math.nan if target is None else target))

    def set_act(self, act: str, seed: int = 0) -> None:
        """ "mean", "sample" or "best_of", drawn with `seed`, from here on."""
        self._check(self._library.policy_set_act(self._handle, _acting.choice("act", act), seed))

    def save(self, chain: int = 0) -> bytes:
        """What a chain remembers, so that it goes on after a restart (:meth:`load`)."""
        buffer = ctypes.create_string_buffer(
            self._library.policy_saved_size(self._handle, chain) or 1)
        used = c_size_t()
        self._check(self._library.policy_save(self._handle, chain, buffer, len(buffer), byref(used)))
        return buffer.raw[:used.value]

    def load(self, saved: bytes, chain: int = 0) -> None:
        """Reads what :meth:`save` gave, of a policy with the same weights, into a chain."""
        self._check(self._library.policy_load(self._handle, chain, saved, len(saved)))

    def self_test(self) -> float:
        """Plays the probe stored with the weights in chain 0, which begins anew; returns the largest
        difference of its actions. An error if it is more than rounding."""
        difference = c_double()
        self._check(self._library.policy_self_test(self._handle, byref(difference)))
        return difference.value

    @property
    def status(self) -> Status:
        """Of the last call."""
        s = self._status
        return Status(s.seconds, s.tokens, s.steps, s.overruns, s.calls)

    def __repr__(self) -> str:
        d = self.description
        return (f"Policy({d['parameters']} parameters, {self.chains} chains, O = {self.observation_size}, "
                f"A = {d['action_size']})")
