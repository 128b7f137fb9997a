# SPDX-License-Identifier: MIT
"""The C interface of data sets (runtime/data/longplay_data.h)."""
from __future__ import annotations

import ctypes
import functools
from ctypes import (CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_int, c_int64, c_size_t,
                    c_uint64, c_void_p)
from typing import Any

from longplay._library import Functions, checker, load_data

PROGRESS = CFUNCTYPE(c_int, c_void_p, c_int64, c_int64)

# What stands for each word, in the order of the C enums.
CHOICES: dict[str, tuple[str, ...]] = {
    "place": ("auto", "memory", "mapped"),
    "order": ("ascending_return", "collected", "shuffled"),
    "target": ("chain_best", "own_return"),
    "loss": ("all_episodes", "last_episode"),
    "source": ("anywhere", "history"),
    "boundary": ("zeros", "carry"),
    "weight": ("length", "uniform", "return"),
    "rows": ("padded", "packed"),
    "units": ("policy", "data")}


def choice(name: str, value: str) -> int:
    if value in CHOICES[name]:
        return CHOICES[name].index(value)
    raise ValueError(f"{name}: expected one of {', '.join(CHOICES[name])}, got {value!r}")


class DatasetOptions(Structure):
    _fields_ = [("size", c_size_t), ("place", c_int), ("memory_budget", c_int64), ("cache", c_char_p),
                ("progress", PROGRESS), ("context", c_void_p)]


class EpisodeOf(Structure):
    _fields_ = [("length", c_int64), ("observations", c_void_p), ("actions", c_void_p),
                ("rewards", c_void_p), ("final_observation", c_void_p),
                ("episode_return", c_double), ("history", c_int64), ("terminated", c_int)]


class ChainOptions(Structure):
    _fields_ = [("size", c_size_t), ("chains", c_int64), ("episodes", c_int64), ("skip", c_int64),
                ("window", c_int64), ("order", c_int), ("target", c_int), ("loss", c_int),
                ("source", c_int), ("boundary", c_int), ("weight", c_int), ("rows", c_int),
                ("best_fraction", c_double), ("temperature", c_double),
                ("query_fraction", c_double), ("random_maps", c_double), ("units", c_int),
                ("outcomes", c_int)]


# Arrays of a batch: name, kind of number, what a step has of it ("" = one number, O, A).
ARRAYS: tuple[tuple[str, str, str], ...] = (
    ("returns", "<f4", ""), ("observations", "<f4", "O"), ("previous_actions", "<f4", "A"),
    ("previous_rewards", "<f4", ""), ("previous_completions", "<f4", ""),
    ("episode_steps", "<i8", ""), ("episodes", "<i8", ""), ("actions", "<f4", "A"),
    ("valid", "|b1", ""), ("in_loss", "|b1", ""), ("segments", "<i8", ""), ("rewards", "<f4", ""),
    ("ends", "<f4", ""), ("cuts", "<f4", ""), ("next_observations", "<f4", "O"),
    ("next_known", "|b1", ""))


class BatchArrays(Structure):
    _fields_ = [("chains", c_int64), ("steps", c_int64)] + [(name, c_void_p) for name, _, _ in ARRAYS]


class ChainOf(Structure):
    _fields_ = [("episodes", c_int64), ("numbers", POINTER(c_int64)), ("targets", POINTER(c_double)),
                ("first", c_int64), ("length", c_int64)]


class Library(Functions):
    def __init__(self) -> None:
        library = load_data()
        self.check = checker(library, "longplay_data_error")
        pointer = POINTER(c_void_p)
        functions: dict[str, tuple[list[Any], Any]] = {
            "data_parquet": ([], c_int),
            "dataset_defaults": ([], DatasetOptions),
            "dataset_open": ([POINTER(c_char_p), c_int64, POINTER(DatasetOptions), pointer], c_int),
            "dataset_close": ([c_void_p], None),
            "dataset_info": ([c_void_p], c_char_p),
            "dataset_episode": ([c_void_p, c_int64, POINTER(EpisodeOf)], c_int),
            "data_validate": ([c_char_p, pointer], c_int),
            "data_free": ([c_void_p], None),
            "chain_defaults": ([], ChainOptions),
            "sampler_open": ([c_void_p, POINTER(ChainOptions), c_uint64, pointer], c_int),
            "sampler_close": ([c_void_p], None),
            "sampler_load": ([c_void_p, c_int64, c_void_p], c_int),
            "batch_make": ([pointer], c_int),
            "batch_close": ([c_void_p], None),
            "batch_arrays": ([c_void_p, POINTER(BatchArrays)], c_int),
            "batch_copy": ([c_void_p, POINTER(BatchArrays)], c_int),
            "batch_chain": ([c_void_p, c_int64, POINTER(ChainOf)], c_int)}
        self.bind(library, functions)


@functools.cache
def library() -> Library:
    return Library()
