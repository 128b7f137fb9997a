# SPDX-License-Identifier: MIT
"""The C interface of acting (runtime/longplay.h)."""
from __future__ import annotations

import ctypes
import functools
from ctypes import (POINTER, Structure, c_char_p, c_double, c_int, c_int32, c_int64, c_size_t,
                    c_uint32, c_uint64, c_void_p)
from typing import Any

from longplay._library import Functions, open_library

MESSAGE_SIZE = 512

# What stands for each word, in the order of the C enums.
CHOICES: dict[str, tuple[str, ...]] = {
    "key_value_type": ("float32", "float16", "int8"),
    "weight_type": ("float32", "float16", "int8"),
    "when_full": ("slide", "error"),
    "context": ("auto", "all_episodes", "one_episode"),
    "act": ("mean", "sample", "best_of"),
    "vectors": ("auto", "plain", "avx2", "avx512", "neon")}


def choice(name: str, value: str) -> int:
    if value in CHOICES[name]:
        return CHOICES[name].index(value)
    raise ValueError(f"{name}: expected one of {', '.join(CHOICES[name])}, got {value!r}")


class Options(Structure):
    _fields_ = [("size", c_uint64), ("chains", c_int32), ("key_value_type", c_int32),
                ("weight_type", c_int32), ("when_full", c_int32), ("context_steps", c_int64),
                ("window_episodes", c_int64), ("context", c_int32), ("act", c_int32),
                ("seed", c_uint64), ("target", c_double), ("target_step", c_double),
                ("deadline", c_double), ("vectors", c_int32), ("reserved", c_int32),
                ("draw_every", c_int64), ("best_of", c_int64), ("temperature", c_double)]


class Description(Structure):
    _fields_ = [("size", c_uint64), ("observation_size", c_int64), ("action_size", c_int64),
                ("action_columns", c_int64), ("discrete", c_int32), ("recurrent", c_int32),
                ("tokens_per_step", c_int64), ("chains", c_int64), ("context_steps", c_int64),
                ("best_return", c_double), ("trained_episodes", c_int64),
                ("trained_episode_steps", c_int64), ("trained_context_steps", c_int64),
                ("parameters", c_int64), ("memory_bytes", c_int64), ("weight_bytes", c_int64),
                ("context_bytes", c_int64), ("scratch_bytes", c_int64), ("vectors", c_int32),
                ("has_probe", c_int32), ("has_values", c_int32), ("reserved", c_int32)]


class View(Structure):
    _fields_ = [("observations", c_void_p), ("rewards", c_void_p), ("starts", c_void_p),
                ("active", c_void_p)]


class Status(Structure):
    _fields_ = [("seconds", c_double), ("tokens", c_int64), ("steps", c_int64), ("overrun", c_int32),
                ("reserved", c_int32), ("overruns", c_int64), ("calls", c_int64)]


class Recording(Structure):
    _fields_ = [("chain", c_int64), ("steps", c_int64), ("observations", c_void_p),
                ("actions", c_void_p), ("rewards", c_void_p), ("starts", c_void_p),
                ("previous_reward", c_double)]


class Library(Functions):
    def __init__(self) -> None:
        library = open_library("longplay_acting")
        pointer = POINTER(c_void_p)
        functions: dict[str, tuple[list[Any], Any]] = {
            "version": ([], c_uint32),
            "policy_defaults": ([POINTER(Options), c_size_t], c_int),
            "policy_open": ([c_char_p, POINTER(Options), pointer, c_char_p, c_size_t], c_int),
            "policy_close": ([c_void_p], None),
            "policy_message": ([c_void_p], c_char_p),
            "policy_describe": ([c_void_p, POINTER(Description)], c_int),
            "policy_start_chain": ([c_void_p, c_int64, c_double], c_int),
            "policy_set_act": ([c_void_p, c_int32, c_uint64], c_int),
            "policy_act": ([c_void_p, POINTER(View), c_void_p, POINTER(Status)], c_int),
            "policy_watch": ([c_void_p, POINTER(View), c_void_p, POINTER(Status)], c_int),
            "policy_submit": ([c_void_p, POINTER(Recording), POINTER(c_int64)], c_int),
            "policy_poll": ([c_void_p, c_int64, POINTER(c_int64), POINTER(Status)], c_int),
            "policy_saved_size": ([c_void_p, c_int64], c_size_t),
            "policy_save": ([c_void_p, c_int64, c_void_p, c_size_t, POINTER(c_size_t)], c_int),
            "policy_load": ([c_void_p, c_int64, c_void_p, c_size_t], c_int),
            "policy_self_test": ([c_void_p, POINTER(c_double)], c_int)}
        self.bind(library, functions)


@functools.cache
def library() -> Library:
    return Library()


def message_buffer() -> Any:
    return ctypes.create_string_buffer(MESSAGE_SIZE)
