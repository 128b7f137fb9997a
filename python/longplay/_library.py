# SPDX-License-Identifier: MIT
"""Finds and loads the libraries of this package, and turns their codes into exceptions."""
from __future__ import annotations

import ctypes
import importlib.util
import pathlib
from collections.abc import Callable
from typing import Any

FOLDER = pathlib.Path(__file__).parent
MUJOCO = "3.17.0"  # that the library of environments is linked with


class Error(RuntimeError):
    """Something outside is wrong: a file that is missing or damaged, a simulator's model."""


def _package_folder(name: str) -> pathlib.Path | None:
    """Of an installed package, which is not imported."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return pathlib.Path(next(iter(spec.submodule_search_locations)))


class Functions:
    """Functions of a library as attributes, named without "longplay_"."""

    def bind(self, library: ctypes.CDLL, functions: dict[str, tuple[list[Any], Any]]) -> None:
        """By name: types of the arguments, type of the result."""
        for name, (arguments, result) in functions.items():
            function = getattr(library, "longplay_" + name)
            function.argtypes, function.restype = arguments, result
            setattr(self, name, function)

    def __getattr__(self, name: str) -> Any:  # for type checkers: functions are bound above
        raise AttributeError(name)


def open_library(name: str) -> ctypes.CDLL:
    path = FOLDER / f"lib{name}.so"
    try:
        return ctypes.CDLL(str(path))
    except OSError as problem:
        raise ImportError(f"loading longplay's libraries: {path}: {problem}") from None


def load_environments() -> ctypes.CDLL:
    """Of the environments, behind MuJoCo's own, which comes with the package mujoco."""
    folder = _package_folder("mujoco")
    library = folder / f"libmujoco.so.{MUJOCO}" if folder else None
    if library is None or not library.exists():
        found = "none" if folder is None else "another version in " + str(folder)
        raise ImportError(f"loading environments: expected the package mujoco {MUJOCO}, got {found}: "
                          "pip install 'longplay[env]'")
    ctypes.CDLL(str(library))  # ours then finds it by its name
    return open_library("longplay_environments")


def load_data() -> ctypes.CDLL:
    """Of data sets: the one that reads Parquet, where the Arrow that it is linked with is installed."""
    folder = _package_folder("pyarrow")
    if folder is not None and (FOLDER / "liblongplay_data_plain.so").exists():
        try:
            # Parquet's library needs Arrow's; both are found by their names afterwards.
            for part in ("arrow", "parquet"):
                for library in folder.glob(f"lib{part}.so.{_ARROW}"):
                    ctypes.CDLL(str(library))
            return open_library("longplay_data")
        except (OSError, ImportError):
            pass  # another version of Arrow
    plain = (FOLDER / "liblongplay_data_plain.so").exists()
    return open_library("longplay_data_plain" if plain else "longplay_data")


_ARROW = "2600"  # as the libraries of pyarrow 26.0 are called


def checker(library: ctypes.CDLL, error: str) -> Callable[[int], None]:
    """What is called with each code: an exception unless it is 0."""
    message: Any = getattr(library, error)
    message.restype = ctypes.c_char_p

    def check(code: int) -> None:
        if code == 0:
            return
        text = message().decode("utf-8", "replace")
        if code == 1:
            raise ValueError(text)
        if code == 3:
            raise MemoryError(text)
        raise Error(text)

    return check


class Lent:
    """Memory of the library's as an array of numpy's, without a copy: it keeps its owner alive."""

    __slots__ = ("__array_interface__", "owner")

    def __init__(self, address: int, shape: tuple[int, ...], kind: str, owner: object,
                 writable: bool) -> None:
        self.owner = owner
        self.__array_interface__ = {"version": 3, "shape": shape, "typestr": kind,
                                    "data": (address, not writable)}
