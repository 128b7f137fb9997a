# SPDX-License-Identifier: MIT
"""The C interface of environments (runtime/environments/longplay_environments.h)."""
from __future__ import annotations

import ctypes
import functools
import json
from ctypes import POINTER, Structure, byref, c_int, c_int64, c_size_t, c_void_p
from typing import Any

import numpy as np

from longplay._library import checker, load_environments

FLOAT32, FLOAT64, INT64 = 1, 2, 3
KINDS = {np.dtype(np.float32): FLOAT32, np.dtype(np.float64): FLOAT64, np.dtype(np.int64): INT64}


class Options(Structure):
    _fields_ = [("size", c_size_t), ("batch", c_int64), ("action_repeat", c_int64),
                ("max_episode_steps", c_int64), ("threads", c_int), ("held_out", c_int),
                ("float32_actions", c_int)]


class Outcome(Structure):
    _fields_ = [("rewards", c_void_p), ("terminated", c_void_p), ("truncated", c_void_p),
                ("diverged", c_void_p), ("observations", c_void_p), ("observations_type", c_int)]


class Library:
    def __init__(self) -> None:
        library = load_environments()
        self.check = checker(library, "longplay_environments_error")
        prefix = "longplay_environments_"
        arguments: dict[str, list[Any]] = {
            "make": [ctypes.c_char_p, POINTER(Options), POINTER(c_void_p)],
            "start_chains": [c_void_p, c_void_p, c_void_p, c_int64],
            "reset": [c_void_p, c_void_p, c_void_p, c_int64],
            "step": [c_void_p, c_void_p, c_int, c_void_p, POINTER(Outcome)],
            "observe": [c_void_p, c_void_p, c_int],
            "parameter": [c_void_p, c_int64, c_void_p],
            "get_positions": [c_void_p, c_int64, c_void_p, c_void_p],
            "set_positions": [c_void_p, c_int64, c_void_p, c_void_p, c_int64]}
        for name, types in arguments.items():
            function = getattr(library, prefix + name)
            function.argtypes = types
            setattr(self, name, function)
        self.close = library.longplay_environments_close
        self.close.argtypes, self.close.restype = [c_void_p], None
        self.defaults = library.longplay_environments_defaults
        self.defaults.restype = Options
        self.spec = library.longplay_environments_spec
        self.spec.argtypes, self.spec.restype = [c_void_p], ctypes.c_char_p
        self.list = library.longplay_environments_list
        self.list.restype = ctypes.c_char_p

    make: Any
    start_chains: Any
    reset: Any
    step: Any
    observe: Any
    parameter: Any
    get_positions: Any
    set_positions: Any


@functools.cache
def library() -> Library:
    return Library()


def environments() -> list[dict[str, Any]]:
    """Every environment that can be made: a list of objects with ``id``, ``observation_size``,
    ``action_size``, ``action_space``, ``max_episode_steps`` and more."""
    return json.loads(library().list())


def address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]


class Simulations:
    """B simulations of one task, and the memory that they are read into."""

    def __init__(self, task: str, batch: int, *, action_repeat: int, max_episode_steps: int,
                 threads: int, held_out: bool, float32_actions: bool, dtype: np.dtype) -> None:
        self._handle = c_void_p()  # first: it is looked at when this fails
        self._library = lib = library()
        options = lib.defaults()
        options.batch, options.action_repeat = batch, action_repeat
        options.max_episode_steps, options.threads = max_episode_steps, threads
        options.held_out, options.float32_actions = int(held_out), int(float32_actions)
        lib.check(lib.make(task.encode(), byref(options), byref(self._handle)))
        self.spec: dict[str, Any] = json.loads(lib.spec(self._handle))
        self.batch = batch
        self.observations = np.zeros((batch, self.spec["observation_size"]), dtype)
        self.rewards = np.zeros(batch)
        self.terminated = np.zeros(batch, np.bool_)
        self.truncated = np.zeros(batch, np.bool_)
        self.diverged = np.zeros(batch, np.bool_)
        discrete = self.spec["action_space"] == "discrete"
        columns = self.spec["action_columns"]
        self.action_shape = (batch,) if discrete else (batch, columns)
        self._discrete = discrete
        self._outcome = Outcome(address(self.rewards), address(self.terminated),
                                address(self.truncated), address(self.diverged),
                                address(self.observations), KINDS[self.observations.dtype])
        self._outcome_at = byref(self._outcome)

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        if self._handle:
            self._library.close(self._handle)
            self._handle = c_void_p()

    @property
    def closed(self) -> bool:
        return not self._handle

    def _actions(self, actions: Any) -> np.ndarray:
        """As an array that the library takes."""
        array = np.asarray(actions)
        if array.shape != self.action_shape:
            raise ValueError(f"stepping {self.spec['id']}: actions: expected the shape "
                             f"{self.action_shape}, got {array.shape}")
        if self._discrete:
            if array.dtype.kind not in "iu":
                raise ValueError(f"stepping {self.spec['id']}: actions: expected whole numbers, "
                                 f"got {array.dtype}")
            return np.ascontiguousarray(array, np.int64)
        if array.dtype not in KINDS or array.dtype.kind != "f":
            return np.ascontiguousarray(array, np.float64)
        return array if array.flags.c_contiguous else np.ascontiguousarray(array)

    def step(self, actions: Any, active: np.ndarray | None = None) -> None:
        """One decision; outcome and observations lie in this object's arrays afterwards."""
        array = self._actions(actions)
        code = self._library.step(self._handle, address(array), KINDS[array.dtype],
                                  None if active is None else address(active), self._outcome_at)
        if code:
            self._library.check(code)

    def reset(self, which: np.ndarray, seeds: np.ndarray, chains: bool) -> None:
        """Starts episodes of these simulations [count] int64, of seeds [count] uint64; new hidden
        parameters, too, if these are new chains."""
        lib = self._library
        if chains:
            lib.check(lib.start_chains(self._handle, address(which), address(seeds), len(which)))
        lib.check(lib.reset(self._handle, address(which), address(seeds), len(which)))
        self.observe()

    def observe(self) -> None:
        self._library.check(self._library.observe(
            self._handle, address(self.observations), KINDS[self.observations.dtype]))

    def parameter(self, i: int) -> np.ndarray:
        values = np.zeros(self.spec["parameter_size"])
        self._library.check(self._library.parameter(self._handle, i, address(values)))
        return values

    def positions(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        positions = np.zeros(self.spec["position_size"])
        velocities = np.zeros(self.spec["velocity_size"])
        self._library.check(self._library.get_positions(
            self._handle, i, address(positions), address(velocities)))
        return positions, velocities

    def set_positions(self, i: int, positions: Any, velocities: Any, step: int) -> None:
        given = []
        for name, values in (("position", positions), ("velocity", velocities)):
            array = np.ascontiguousarray(values, np.float64)
            if array.shape != (self.spec[f"{name}_size"],):
                raise ValueError(f"setting positions of {self.spec['id']}: expected "
                                 f"{self.spec[f'{name}_size']} numbers, got {array.shape}")
            given.append(array)
        self._library.check(self._library.set_positions(
            self._handle, i, address(given[0]), address(given[1]), step))
        self.observe()


def episode_seed(base: int, episode: int) -> int:
    """Of episode 0, 1, ... of a simulation that was seeded with `base`; the first has that seed."""
    if episode == 0:
        return base
    # splitmix64: neighbouring seeds and episodes give unlike numbers.
    z = (base + episode * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return z ^ (z >> 31)
