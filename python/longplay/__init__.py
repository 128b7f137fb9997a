# SPDX-License-Identifier: MIT
"""Offline reinforcement learning with very long context, from Python.

- :class:`Dataset` reads data sets of many layouts, and draws chains of episodes.
- :class:`Policy` acts with what ``longplay export`` wrote; :func:`play` plays it in any environment of
  Gymnasium's.
- :func:`make_vec` and :func:`make` make environments for Gymnasium (``longplay[env]``).
- ``import longplay`` also makes them known to ``gymnasium.make_vec("longplay/Hopper-v5")``.
"""
from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from longplay._environments import environments
from longplay._library import Error
from longplay.dataset import Chains, ChainSampler, Dataset, Episode, Problem, has_parquet, validate
from longplay.playing import play
from longplay.policy import Policy, Status

if TYPE_CHECKING:
    from longplay.environment import Environment, VectorEnvironment, make, make_vec

__version__ = "0.2.0"
__all__ = ["ChainSampler", "Chains", "Dataset", "Environment", "Episode", "Error", "Policy",
           "Problem", "Status", "VectorEnvironment", "environments", "has_parquet", "make", "make_vec",
           "play", "validate"]

_OF_GYMNASIUM = ("Environment", "VectorEnvironment", "make", "make_vec")


def __getattr__(name: str) -> Any:
    """What needs Gymnasium is loaded when it is asked for."""
    if name not in _OF_GYMNASIUM:
        raise AttributeError(f"module 'longplay' has no attribute {name!r}")
    try:
        from longplay import environment
    except ModuleNotFoundError as problem:
        if problem.name != "gymnasium":
            raise
        raise ImportError(f"longplay.{name}: expected the package gymnasium, got none: "
                          "pip install 'longplay[env]'") from None
    return getattr(environment, name)


if all(importlib.util.find_spec(package) for package in ("gymnasium", "mujoco")):
    from longplay import environment as _environment

    _environment.register()
