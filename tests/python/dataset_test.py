# SPDX-License-Identifier: MIT
"""Dataset: what files hold, without copies; chains beside a slow twin written with numpy."""
import gc
import itertools
import json
import os
import pathlib
import threading

import h5py
import longplay
import numpy as np
import pytest

FIXTURES = pathlib.Path(__file__).parent.parent / "datasets/fixtures"
BOX = FIXTURES / "minari_box/data/main_data.hdf5"
DISCRETE = FIXTURES / "minari_discrete/data/main_data.hdf5"


def recorded(path):
    """Episodes of a Minari file, as h5py reads them."""
    with h5py.File(path) as file:
        for i in range(len(file)):
            group = file[f"episode_{i}"]
            yield {name: group[name][()] for name in ("observations", "actions", "rewards", "terminations")}


FORMATS = ["minari_dict", "minari_tuple", "minari_04.hdf5", "robomimic.hdf5", "robomimic_docs.hdf5",
           "d3rlpy.h5", "d3rlpy_discrete.h5", "d3rlpy_tuple.h5", "exorl", "vintix.h5"]


@pytest.mark.parametrize("name", FORMATS)
def test_every_layout_reads_as_its_own_reader_does(name):
    data = longplay.Dataset(FIXTURES / "formats" / name)
    with h5py.File(FIXTURES / "formats/expected.hdf5") as file:
        expected = file[name]
        assert len(data) == len(expected)
        for i, episode in enumerate(data):
            group = expected[str(i)]
            n = len(episode)
            observations = group["observations"][()].reshape(-1, data.observation_size)
            np.testing.assert_array_equal(episode.observations, observations[:n].astype(np.float32))
            if len(observations) > n:
                np.testing.assert_array_equal(episode.final_observation,
                                              observations[n].astype(np.float32))
            else:
                assert episode.final_observation is None
            actions = group["actions"][()]
            if data.discrete:
                np.testing.assert_array_equal(episode.action_rows.argmax(1), actions.ravel())
            else:
                np.testing.assert_array_equal(
                    episode.actions, actions.reshape(n, -1).astype(np.float32))
            assert episode.terminated == bool(np.ravel(group["terminated"][()])[0])


def test_discrete_actions_are_numbered_as_in_the_file():
    for episode, wanted in zip(longplay.Dataset(DISCRETE), recorded(DISCRETE), strict=True):
        np.testing.assert_array_equal(episode.actions, wanted["actions"])
        np.testing.assert_array_equal(episode.rewards, wanted["rewards"].astype(np.float32))
        assert episode.total_return == pytest.approx(wanted["rewards"].sum(), rel=1e-6)


@pytest.mark.parametrize("place", ["memory", "mapped"])
def test_arrays_are_the_data_sets_own_memory_and_outlive_it(place, tmp_path):
    data = longplay.Dataset(BOX, place=place, cache=tmp_path)
    assert data.info["mapped"] == (place == "mapped")
    first, again = data[0].observations, data[0].observations
    assert first.__array_interface__["data"] == again.__array_interface__["data"]
    assert not first.flags.writeable and not first.flags.owndata
    # Episodes lie one after another.
    step = first.strides[0]
    assert data[1].observations.__array_interface__["data"][0] == \
        first.__array_interface__["data"][0] + step * len(data[0])
    del data, again
    gc.collect()
    np.testing.assert_array_equal(
        first, next(recorded(BOX))["observations"][:-1].astype(np.float32))


def test_columns_that_float32_cannot_hold_are_given_in_float64(tmp_path):
    clock = 1.7e9 + np.arange(8.0)
    with h5py.File(tmp_path / "clock.hdf5", "w") as file:
        file["observations"] = np.stack([clock, np.arange(8.0)], 1)
        file["actions"] = np.zeros((8, 1), np.float32)
        file["rewards"] = np.zeros(8, np.float32)
        file["terminals"] = np.arange(8) == 7
        file["timeouts"] = np.zeros(8, bool)
    data = longplay.Dataset(tmp_path / "clock.hdf5")
    np.testing.assert_array_equal(data.observation_offset, [1.7e9, 0])
    np.testing.assert_array_equal(data[0].observations[:, 0], clock)


def twin(data, numbers, targets, *, boundary="zeros", window=None):
    """A chain's rows in the file's units, written from the definition, step by step."""
    rows = []
    for e, number in enumerate(numbers):
        episode = data[int(number)]
        rewards, so_far = episode.rewards, 0.0
        for t in range(len(episode)):
            row = {"returns": targets[e] - so_far, "observations": episode.observations[t],
                   "previous_actions": np.zeros(data.action_size), "previous_rewards": 0.0,
                   "previous_completions": 0.0, "episode_steps": t, "episodes": e,
                   "actions": episode.action_rows[t], "rewards": rewards[t]}
            carried = t > 0 or (boundary == "carry" and e > 0)
            if carried:
                row["previous_actions"] = rows[-1]["actions"]
                row["previous_rewards"] = rows[-1]["rewards"]
                row["previous_completions"] = rows[-1]["completion"]
            so_far += float(rewards[t])
            row["completion"] = float(t + 1 == len(episode) and so_far >= targets[e])
            rows.append(row)
    first, length = window or (0, len(rows))
    return rows[first:first + length]


NAMES = ("returns", "observations", "previous_actions", "previous_rewards", "previous_completions",
         "episode_steps", "episodes", "actions")


@pytest.mark.parametrize("path", [BOX, DISCRETE])
@pytest.mark.parametrize("boundary", ["zeros", "carry"])
def test_chains_are_what_their_definition_says(path, boundary):
    data = longplay.Dataset(path)
    drawn = data.sample_chains(3, episodes=2, boundary=boundary, units="data", outcomes=True, seed=3)
    assert drawn.returns.shape[0] == 3
    for chain, (numbers, targets) in enumerate(zip(drawn.numbers, drawn.targets)):
        # Hindsight: by return, and every episode is asked for the best.
        returns = data.returns[numbers]
        assert list(returns) == sorted(returns)
        np.testing.assert_allclose(targets, returns.max())
        rows = twin(data, numbers, targets, boundary=boundary)
        n = len(rows)
        for name in NAMES:
            wanted = np.array([row[name] for row in rows])
            np.testing.assert_allclose(getattr(drawn, name)[chain, :n], wanted, rtol=1e-6, atol=1e-5,
                                       err_msg=name)
        np.testing.assert_array_equal(drawn.rewards[chain, :n], [row["rewards"] for row in rows])
        np.testing.assert_array_equal(drawn.valid[chain], np.arange(drawn.valid.shape[1]) < n)
        # Padding is zero in every array.
        assert all(not array[chain, n:].any() for array in drawn.arrays().values())
        # What follows a step is the next one's observation, or the final one.
        last = np.cumsum([len(data[int(number)]) for number in numbers]) - 1
        inner = np.setdiff1d(np.arange(n), last)
        np.testing.assert_array_equal(drawn.next_observations[chain, inner],
                                      drawn.observations[chain, inner + 1])
        for end, number in zip(last, numbers):
            np.testing.assert_array_equal(drawn.next_observations[chain, end],
                                          data[int(number)].final_observation)
            assert drawn.ends[chain, end] == data[int(number)].terminated
            assert drawn.cuts[chain, end] != drawn.ends[chain, end]


def test_the_policys_units_are_those_of_the_normalizer():
    data = longplay.Dataset(BOX)
    ours, policys = (data.sample_chains(4, seed=1, units=units) for units in ("data", "policy"))
    units = data.info["normalizer"]
    mean, deviation = np.array(units["observation_mean"]), np.array(units["observation_std"])
    valid = ours.valid
    np.testing.assert_allclose(policys.observations[valid], (ours.observations[valid] - mean) / deviation,
                               rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(policys.returns[valid], ours.returns[valid] * units["return_scale"], rtol=1e-5)


def test_a_seed_and_a_step_give_the_same_chains_in_any_order():
    data = longplay.Dataset(BOX)
    sampler = data.chains(2, episodes=3, seed=7, window=15)
    in_order = [(each.observations.copy(), each.numbers) for each in itertools.islice(sampler, 5)]
    for step in (4, 1, 3, 0, 2):
        np.testing.assert_array_equal(sampler(step).observations, in_order[step][0])
        np.testing.assert_array_equal(data.sample_chains(2, episodes=3, seed=7, window=15,
                                                         step=step).numbers, in_order[step][1])
    other = data.chains(2, episodes=3, seed=8, window=15)
    assert any(not np.array_equal(other(step).numbers, in_order[step][1]) for step in range(5))


def test_options_of_chains_do_what_they_say():
    data = longplay.Dataset(BOX)
    packed = data.sample_chains(3, episodes=2, rows="packed", seed=1)
    assert packed.returns.shape[0] == 1 and packed.valid.all()
    np.testing.assert_array_equal(np.unique(packed.segments), [0, 1, 2])
    last = data.sample_chains(2, episodes=2, loss="last_episode", seed=1)
    np.testing.assert_array_equal(last.in_loss, last.valid & (last.episodes == 1))
    own = data.sample_chains(2, episodes=3, target="own_return", seed=1)
    for numbers, targets in zip(own.numbers, own.targets):
        np.testing.assert_allclose(targets, data.returns[numbers])
    best = data.sample_chains(8, episodes=1, best_fraction=0.25, seed=1)
    good = set(np.argsort(data.returns)[-3:])
    assert {int(numbers[0]) for numbers in best.numbers} <= good
    assert data.sample_chains(2, seed=1).rewards is None
    collected = data.sample_chains(4, episodes=4, order="collected", seed=1)
    assert all(list(numbers) == sorted(numbers) for numbers in collected.numbers)


def test_memory_that_is_referred_to_is_never_drawn_into():
    sampler = longplay.Dataset(BOX).chains(2, seed=0)
    kept = sampler(0).observations
    before = kept.copy()
    places = set()
    for step in range(1, 6):
        later = sampler(step)
        places.add(later.observations.__array_interface__["data"][0])
        del later
    np.testing.assert_array_equal(kept, before)
    assert kept.__array_interface__["data"][0] not in places
    assert len(places) <= 2  # given back and used again
    del sampler
    gc.collect()
    np.testing.assert_array_equal(kept, before)


def test_tensors_share_the_memory():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    drawn = longplay.Dataset(BOX).sample_chains(2, seed=0)
    tensors = drawn.torch()
    assert set(tensors) == set(drawn.arrays())
    assert tensors["valid"].dtype == torch.bool
    tensors["observations"][0, 0, 0] = 42
    assert drawn.observations[0, 0, 0] == 42


def test_arrays_of_the_caller_are_filled():
    data = longplay.Dataset(BOX)
    wanted = data.sample_chains(2, episodes=2, seed=5)
    rows, steps = wanted.returns.shape
    room = {"observations": np.full((rows + 1, steps + 3, 3), 7, np.float32),
            "valid": np.ones((rows + 1, steps + 3), bool)}
    assert data.sample_chains(2, episodes=2, seed=5, out=room) == (rows, steps)
    np.testing.assert_array_equal(room["observations"][:rows, :steps], wanted.observations)
    np.testing.assert_array_equal(room["valid"][:rows, :steps], wanted.valid)
    assert not room["observations"][rows:].any() and not room["observations"][:, steps:].any()
    for wrong, message in [
            ({"observations": np.zeros((2, steps, 3))}, "expected contiguous float32"),
            ({"observations": np.zeros((2, steps - 1, 3), np.float32)}, "expected room for 2 chains of"),
            ({"rewards": np.zeros((2, steps), np.float32)}, "rewards: this batch has none"),
            ({"weights": np.zeros(2)}, "got 'weights'")]:
        with pytest.raises(ValueError, match=message):
            data.sample_chains(2, episodes=2, seed=5, out=wrong)


def test_tensors_of_the_caller_are_filled():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    data = longplay.Dataset(BOX)
    wanted = data.sample_chains(2, seed=5)
    room = torch.zeros(*wanted.observations.shape)
    data.sample_chains(2, seed=5, out={"observations": room})
    np.testing.assert_array_equal(room.numpy(), wanted.observations)


def test_several_threads_read_at_once():
    data = longplay.Dataset(BOX)
    wanted = [data.sample_chains(4, seed=2, step=step).observations.tobytes() for step in range(20)]
    sampler, got = data.chains(4, seed=2), [[] for _ in range(4)]

    def draw(place):
        for step in range(20):
            got[place].append(sampler(step).observations.tobytes())
            assert float(data[step % len(data)].rewards.sum()) is not None

    threads = [threading.Thread(target=draw, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [wanted] * 4


def test_several_files_are_one_data_set():
    one = longplay.Dataset(BOX)
    two = longplay.Dataset([BOX, BOX])
    assert len(two) == 2 * len(one) and two.steps == 2 * one.steps
    np.testing.assert_array_equal(two[len(one)].rewards, one[0].rewards)
    with pytest.raises(ValueError, match="expected 3 observations"):
        longplay.Dataset([BOX, DISCRETE])


def test_problems_are_listed_with_their_places(tmp_path):
    assert longplay.validate(BOX) == [] == longplay.Dataset.validate(str(BOX))
    problems = longplay.validate(FIXTURES / "bad_nan.hdf5")
    errors = [each for each in problems if each.severity == "error"]
    assert errors and "bad_nan.hdf5" in errors[0].where and "nan" in errors[0].problem.lower()
    damaged = tmp_path / "damaged.hdf5"
    damaged.write_bytes(BOX.read_bytes()[:3000])
    assert longplay.validate(damaged)[0].severity == "error"
    with pytest.raises(longplay.Error, match="reading data: .*damaged.hdf5"):
        longplay.Dataset(damaged)


def test_what_is_wrong_is_one_line():
    for use, kind, message in [
            (lambda: longplay.Dataset("none.hdf5"), longplay.Error, "none.hdf5"),
            (lambda: longplay.Dataset([]), ValueError, "count: expected at least 1, got 0"),
            (lambda: longplay.Dataset(BOX, place="disk"), ValueError, "expected one of auto, memory, mapped"),
            (lambda: longplay.Dataset(BOX)[12], IndexError, "expected one of 12"),
            (lambda: longplay.Dataset(BOX).chains(0), ValueError, "chains: expected at least 1, got 0"),
            (lambda: longplay.Dataset(BOX).chains(order="up"), ValueError,
             "ascending_return, collected, shuffled"),
            (lambda: longplay.Dataset(BOX).chains(best_fraction=2), ValueError, "above 0, at most 1, got 2"),
            (lambda: longplay.Dataset(BOX).chains(1)(-1), ValueError, "step: expected 0 or more, got -1")]:
        with pytest.raises(kind, match=message) as raised:
            use()
        assert "\n" not in str(raised.value)


def test_progress_is_told_and_may_stop():
    told = []
    data = longplay.Dataset(BOX, progress=lambda steps, of: told.append((steps, of)))
    assert told[-1] == (data.steps, data.steps) and len(told) == len(data)

    def stop(steps, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        longplay.Dataset(BOX, progress=stop)


@pytest.mark.skipif(os.environ.get("LONGPLAY_PARQUET") == "OFF", reason="built without Parquet")
def test_tables_in_parquet_are_read_where_arrow_is_installed():
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    assert longplay.has_parquet()
    data = longplay.Dataset(FIXTURES / "columnar/lerobot_v30")
    assert (len(data), data.steps, data.observation_size) == (3, 12, 5)
    # Arrow's own reader, in the same process.
    file = next((FIXTURES / "columnar/lerobot_v30/data").rglob("*.parquet"))
    actions = np.array(parquet.read_table(file)["action"].to_pylist())
    np.testing.assert_array_equal(data[0].actions, actions[:len(data[0])].astype(np.float32))


def test_minari_reads_the_same():
    minari = pytest.importorskip("minari", reason="minari is not installed")
    theirs = minari.MinariDataset(str(FIXTURES / "minari_box/data"))
    for ours, other in zip(longplay.Dataset(FIXTURES / "minari_box"), theirs, strict=True):
        np.testing.assert_array_equal(ours.observations, other.observations[:-1].astype(np.float32))
        np.testing.assert_array_equal(ours.actions, other.actions.astype(np.float32))
    assert json.loads(json.dumps(longplay.Dataset(BOX).info))["format"] == "minari"
