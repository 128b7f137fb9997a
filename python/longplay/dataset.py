# SPDX-License-Identifier: MIT
"""Data sets: episodes of any readable file, and chains of them."""
from __future__ import annotations

import ctypes
import json
import os
import pathlib
import threading
from collections.abc import Callable, Iterator, Sequence
from ctypes import byref, c_char_p, c_void_p
from typing import Any, NamedTuple

import numpy as np

from longplay import _data
from longplay._library import Lent


class Problem(NamedTuple):
    """One thing wrong with a data set."""

    severity: str  # "error": it cannot be opened; "warning": it can
    where: str     # file and place in it, with episode and step where known
    problem: str   # expected X, got Y


def validate(path: str | os.PathLike[str]) -> list[Problem]:
    """Every problem of a file or folder; [] means usable and clean. As ``longplay data validate``,
    less what needs a simulator."""
    lib, text = _data.library(), c_void_p()
    lib.check(lib.data_validate(os.fsencode(path), byref(text)))
    try:
        problems = json.loads(ctypes.string_at(text.value or 0))["problems"]
    finally:
        lib.data_free(text)
    return [Problem(each["severity"], each["where"], each["problem"]) for each in problems]


def has_parquet() -> bool:
    """Whether data sets in Parquet and Arrow files (LeRobot's, Minari's) can be read."""
    return bool(_data.library().data_parquet())


class _Memory:
    """A handle of the C library's that ends with the last array in its memory."""

    def __init__(self, handle: c_void_p, close: Callable[[c_void_p], None]) -> None:
        self.handle, self._close = handle, close

    def __del__(self) -> None:
        self._close(self.handle)


class Episode:
    """One episode of N steps. Arrays are read-only and not copied: they lie in the data set's memory,
    or in the packed copy on disk that is mapped there, and keep it open."""

    def __init__(self, dataset: Dataset, index: int) -> None:
        self._dataset, self.index = dataset, index
        self._of = _data.EpisodeOf()
        lib = _data.library()
        lib.check(lib.dataset_episode(dataset._memory.handle, index, byref(self._of)))

    def _array(self, address: int, *shape: int) -> np.ndarray:
        return np.asarray(Lent(address, shape, "<f4", self._dataset._memory, False))

    def __len__(self) -> int:
        return self._of.length

    def _seen(self, address: int, *shape: int) -> np.ndarray:
        values, offset = self._array(address, *shape), self._dataset.observation_offset
        return values if offset is None else values + offset

    @property
    def observations(self) -> np.ndarray:
        """[N, O] float32, what was seen before each action. A copy in float64 where the data have
        columns that float32 cannot hold (``Dataset.observation_offset``)."""
        return self._seen(self._of.observations, len(self), self._dataset.observation_size)

    @property
    def final_observation(self) -> np.ndarray | None:
        """[O], what was seen after the last action; None if it was not recorded."""
        address = self._of.final_observation
        return self._seen(address, self._dataset.observation_size) if address else None

    @property
    def actions(self) -> np.ndarray:
        """[N, A] float32; discrete ones [N] int64, numbered as in the file (a copy)."""
        if self._dataset.discrete:
            return self.action_rows.argmax(1) + self._dataset.info["action_start"]
        return self.action_rows

    @property
    def action_rows(self) -> np.ndarray:
        """[N, A] float32; discrete ones are one-hot."""
        return self._array(self._of.actions, len(self), self._dataset.action_size)

    @property
    def rewards(self) -> np.ndarray:
        """[N] float32; zeros if none were recorded."""
        return self._array(self._of.rewards, len(self))

    @property
    def terminated(self) -> bool:
        """The task ended it; otherwise a time limit did, or the recording."""
        return bool(self._of.terminated)

    @property
    def total_return(self) -> float:
        """Undiscounted sum of rewards."""
        return self._of.episode_return

    @property
    def history(self) -> int:
        """Which learner's run it belongs to."""
        return self._of.history

    def __repr__(self) -> str:
        return f"Episode({self.index}: {len(self)} steps, return {self.total_return:g})"


class Chains:
    """B rows of N steps: chains of episodes as a policy sees them in training.

    Arrays of numpy's, not copied: they lie in the library's memory, which is used for a later draw once
    nothing refers to them. :meth:`torch` gives the same memory as tensors. Padding is zero.

    Attributes:
        returns: [B, N] float32, the return still to come that is asked for.
        observations: [B, N, O] float32.
        previous_actions: [B, N, A] float32 of the step before; discrete ones are one-hot.
        previous_rewards: [B, N] float32.
        previous_completions: [B, N] float32, 1 = the last step reached the target.
        episode_steps: [B, N] int64, the time step within its episode.
        episodes: [B, N] int64, the position of its episode in the chain.
        actions: [B, N, A] float32, what was done: what a policy predicts.
        valid: [B, N] bool, a real step and no padding.
        in_loss: [B, N] bool, counts in the loss; implies valid.
        segments: [B, N] int64, which chain a step is of, where rows are packed; else None.
        rewards, ends, cuts, next_observations, next_known: with ``outcomes=True``, else None:
            rewards in the file's units; 1 = the task ended the episode with this step; 1 = the
            episode's last step, which the task did not end; what was seen next; whether that was
            recorded.
        numbers: for each chain the episodes that it is made of, in its order.
        targets: for each chain the return that each episode is asked for, in the file's units.
    """

    returns: np.ndarray
    observations: np.ndarray
    previous_actions: np.ndarray
    previous_rewards: np.ndarray
    previous_completions: np.ndarray
    episode_steps: np.ndarray
    episodes: np.ndarray
    actions: np.ndarray
    valid: np.ndarray
    in_loss: np.ndarray
    segments: np.ndarray | None
    rewards: np.ndarray | None
    ends: np.ndarray | None
    cuts: np.ndarray | None
    next_observations: np.ndarray | None
    next_known: np.ndarray | None
    numbers: list[np.ndarray]
    targets: list[np.ndarray]

    def __init__(self, memory: _Memory, sizes: dict[str, int], chains: int) -> None:
        lib, arrays = _data.library(), _data.BatchArrays()
        lib.check(lib.batch_arrays(memory.handle, byref(arrays)))
        for name, kind, width in _data.ARRAYS:
            address = getattr(arrays, name)
            shape = (arrays.chains, arrays.steps) + ((sizes[width],) if width else ())
            setattr(self, name, np.asarray(Lent(address, shape, kind, memory, True))
                    if address else None)
        self.numbers, self.targets = [], []
        for chain in range(chains):
            of = _data.ChainOf()
            lib.check(lib.batch_chain(memory.handle, chain, byref(of)))
            self.numbers.append(np.ctypeslib.as_array(of.numbers, (of.episodes,)).copy())
            self.targets.append(np.ctypeslib.as_array(of.targets, (of.episodes,)).copy())

    def arrays(self) -> dict[str, np.ndarray]:
        """All that are there, by their names."""
        named = {name: getattr(self, name) for name, _, _ in _data.ARRAYS}
        return {name: array for name, array in named.items() if array is not None}

    def torch(self) -> dict[str, Any]:
        """The same memory as tensors of PyTorch's, by their names."""
        import torch
        return {name: torch.from_numpy(array) for name, array in self.arrays().items()}


class ChainSampler:
    """Draws chains: those of ``longplay train`` with ``train.seed`` at each of its steps.

    Call it with a step, or iterate over it: step 0, 1, ... without an end. May be used by several
    threads, one after another.
    """

    def __init__(self, dataset: Dataset, options: _data.ChainOptions, seed: int) -> None:
        lib, handle = _data.library(), c_void_p()
        lib.check(lib.sampler_open(dataset._memory.handle, byref(options), seed, byref(handle)))
        self._memory = _Memory(handle, lib.sampler_close)
        self._chains = options.chains
        self._sizes = {"O": dataset.observation_size, "A": dataset.action_size}
        self._spare: list[c_void_p] = []
        self._lock = threading.Lock()

    def _load(self, step: int) -> _Memory:
        lib = _data.library()
        with self._lock:
            handle = self._spare.pop() if self._spare else None
            if handle is None:
                handle = c_void_p()
                lib.check(lib.batch_make(byref(handle)))
            memory = _Memory(handle, self._give_back)
            lib.check(lib.sampler_load(self._memory.handle, step, handle))
        return memory

    def _give_back(self, handle: c_void_p) -> None:
        # Two at hand, as many as a loop needs that keeps one while the next is drawn.
        if len(self._spare) < 2:
            self._spare.append(handle)
        else:
            _data.library().batch_close(handle)

    def __del__(self) -> None:
        for handle in getattr(self, "_spare", []):
            _data.library().batch_close(handle)

    def __call__(self, step: int) -> Chains:
        return Chains(self._load(step), self._sizes, self._chains)

    def __iter__(self) -> Iterator[Chains]:
        step = 0
        while True:
            yield self(step)
            step += 1

    def fill(self, step: int, out: dict[str, Any]) -> tuple[int, int]:
        """Copies into memory of yours: `out` has arrays or tensors [B, N', ...] by the names of
        :class:`Chains`, of the same types, contiguous, with N' at least as long as the longest row.
        What is not filled is zeroed. Returns (B, N)."""
        lib, memory = _data.library(), self._load(step)
        lent = _data.BatchArrays()
        lib.check(lib.batch_arrays(memory.handle, byref(lent)))
        room = _data.BatchArrays()
        kinds = {name: (kind, width) for name, kind, width in _data.ARRAYS}
        for name, array in out.items():
            if name not in kinds:
                raise ValueError(f"sampling chains: out: expected some of {', '.join(kinds)}, got {name!r}")
            kind, width = kinds[name]
            view = array.numpy() if hasattr(array, "numpy") else array  # a tensor, or numpy's own
            shape = view.shape[:2] + ((self._sizes[width],) if width else ())
            if view.dtype != np.dtype(kind) or view.shape != shape or not view.flags.c_contiguous \
                    or not view.flags.writeable or len(view.shape) < 2:
                columns = f", {self._sizes[width]}" if width else ""
                raise ValueError(
                    f"sampling chains: out: {name}: expected contiguous {np.dtype(kind)} "
                    f"[{lent.chains}, {lent.steps} or more{columns}], got {view.dtype} "
                    f"{list(view.shape)}")
            if room.chains not in (0, view.shape[0]) or room.steps not in (0, view.shape[1]):
                raise ValueError("sampling chains: out: expected arrays with equal numbers of rows and "
                                 f"steps, got {name} with {list(view.shape[:2])}")
            room.chains, room.steps = view.shape[:2]
            setattr(room, name, view.__array_interface__["data"][0])
        lib.check(lib.batch_copy(memory.handle, byref(room)))
        return lent.chains, lent.steps


class Dataset:
    """All episodes of one or more files or folders: HDF5 in the layout of D4RL, Minari, robomimic,
    d3rlpy or Vintix, Minari's folders, ExoRL's and other .npz files, and with pyarrow LeRobot's.

    Files are read in a child process, so that a damaged one is an error and no crash. A data set never
    changes, and any number of threads may read it.

    >>> data = longplay.Dataset("hopper.hdf5")
    >>> data[0].observations            # [N, O], not copied
    >>> for chains in data.chains(8, episodes=4, seed=1): ...
    """

    validate = staticmethod(validate)

    def __init__(self, paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], *,
                 place: str = "auto", memory_budget: int = 4 << 30,
                 cache: str | os.PathLike[str] | None = None,
                 progress: Callable[[int, int], None] | None = None) -> None:
        """
        Args:
            paths: one or more; a path may carry options ("lift.hdf5?observations=object").
            place: "memory"; "mapped": from a packed copy on disk that is made once, so that memory does
                not grow; "auto": in memory up to `memory_budget` bytes.
            cache: folder for packed copies; None = beside each file.
            progress: called with the steps read and their number; what it raises stops reading.
        """
        names = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
        encoded = (c_char_p * max(1, len(names)))(*[os.fsencode(name) for name in names])
        lib = _data.library()
        options = lib.dataset_defaults()
        options.place, options.memory_budget = _data.choice("place", place), memory_budget
        options.cache = None if cache is None else os.fsencode(cache)
        raised: list[BaseException] = []

        def report(_: Any, steps: int, of: int) -> int:
            try:
                progress(steps, of)  # type: ignore[misc]
                return 0
            except BaseException as problem:  # also KeyboardInterrupt: it is raised below
                raised.append(problem)
                return 1

        if progress is not None:
            options.progress = _data.PROGRESS(report)
        handle = c_void_p()
        code = lib.dataset_open(encoded, len(names), byref(options), byref(handle))
        if raised:
            if code == 0:
                lib.dataset_close(handle)
            raise raised[0]
        lib.check(code)
        self._memory = _Memory(handle, lib.dataset_close)
        self.paths = [pathlib.Path(os.fspath(name)) for name in names]
        self.info: dict[str, Any] = json.loads(lib.dataset_info(handle))
        self.observation_size: int = self.info["observation_size"]
        self.action_size: int = self.info["action_size"]
        self.discrete: bool = self.info["discrete"]
        self.steps: int = self.info["steps"]
        self.environment: str | None = self.info["environment"] or None
        self.notes: list[str] = self.info["notes"]
        offset = self.info["observation_offset"]
        self.observation_offset: np.ndarray | None = np.array(offset) if offset else None

    def __len__(self) -> int:
        return self.info["episodes"]

    def __getitem__(self, index: int) -> Episode:
        if not -len(self) <= index < len(self):
            raise IndexError(f"episode {index}: expected one of {len(self)}")
        return Episode(self, index % len(self))

    def __iter__(self) -> Iterator[Episode]:
        return (Episode(self, i) for i in range(len(self)))

    @property
    def returns(self) -> np.ndarray:
        """[episodes] undiscounted sums of rewards."""
        return np.array([episode.total_return for episode in self])

    @property
    def lengths(self) -> np.ndarray:
        """[episodes] in steps."""
        return np.array([len(episode) for episode in self])

    def chains(self, chains: int = 1, *, episodes: int = 4, seed: int = 0, skip: int = 1,
               window: int = 0, order: str = "ascending_return", target: str = "chain_best",
               loss: str = "all_episodes", source: str = "anywhere", boundary: str = "zeros",
               weight: str = "length", rows: str = "padded", best_fraction: float = 1,
               temperature: float = 0.1, query_fraction: float = 1, random_maps: float = 0,
               units: str = "policy", outcomes: bool = False) -> ChainSampler:
        """What draws `chains` chains of `episodes` episodes for each step of training.

        The arguments are the keys ``chain.*`` of a configuration. `units`: "policy" (normalised, as a
        policy sees them) or "data" (the file's). A seed and a step give the same chains always: those
        that ``longplay train`` with ``train.seed`` draws.
        """
        options = _data.library().chain_defaults()
        given = dict(locals())
        for name in ("chains", "episodes", "skip", "window", "best_fraction", "temperature",
                     "query_fraction", "random_maps", "outcomes"):
            setattr(options, name, given[name])
        for name in ("order", "target", "loss", "source", "boundary", "weight", "rows", "units"):
            setattr(options, name, _data.choice(name, given[name]))
        return ChainSampler(self, options, seed)

    def sample_chains(self, chains: int = 1, *, step: int = 0, out: dict[str, Any] | None = None,
                      **options: Any) -> Chains | tuple[int, int]:
        """The chains of one step, drawn as :meth:`chains` says. For many steps use that: a later step
        costs the draws before it.

        With `out`, arrays or tensors of yours are filled, and (B, N) is returned: see
        :meth:`ChainSampler.fill`.
        """
        sampler = self.chains(chains, **options)
        return sampler(step) if out is None else sampler.fill(step, out)

    def __repr__(self) -> str:
        return (f"Dataset({self.info['path']}: {self.info['format']}, {len(self)} episodes, "
                f"{self.steps} steps, O = {self.observation_size}, A = {self.action_size})")
