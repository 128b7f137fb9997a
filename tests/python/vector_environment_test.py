# SPDX-License-Identifier: MIT
"""make_vec beside Gymnasium's own SyncVectorEnv: the same episodes, told in the same way."""
import os
import pathlib
import shutil
import subprocess
import sys

import gymnasium
import longplay
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import RecordEpisodeStatistics

MODES = list(AutoresetMode)
# Episodes of one and two steps, of unlike lengths (a hopper falls), of discrete actions, of a limit.
TASKS = [("Hopper-v5", {"max_episode_steps": 1}), ("Hopper-v5", {"max_episode_steps": 2}),
         ("Hopper-v5", {}), ("InvertedPendulum-v5", {}),
         ("family/grid-goal-v0", {"max_episode_steps": 7}),
         ("dm_control/cartpole-swingup-v0", {"max_episode_steps": 5})]


def same_infos(ours, theirs):
    assert ours.keys() == theirs.keys()
    for key, value in theirs.items():
        if isinstance(value, dict):
            same_infos(ours[key], value)
        elif value.dtype == object:
            assert [each is None for each in ours[key]] == [each is None for each in value]
            for one, other in zip(ours[key], value):
                np.testing.assert_array_equal(one, other)
        else:
            np.testing.assert_array_equal(ours[key], value)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("task", "options"), TASKS)
def test_every_step_is_told_as_gymnasium_tells_it(task, options, mode):
    ours = longplay.make_vec(task, 3, autoreset_mode=mode, **options)
    theirs = SyncVectorEnv([lambda: longplay.make(task, **options)] * 3, autoreset_mode=mode)
    assert ours.metadata["autoreset_mode"] == mode
    assert ours.single_action_space == theirs.single_action_space
    assert ours.observation_space == theirs.observation_space
    np.testing.assert_array_equal(ours.reset(seed=5)[0], theirs.reset(seed=5)[0])
    ours.action_space.seed(1)
    ends = 0
    for step in range(80):
        actions = ours.action_space.sample()
        a, b = ours.step(actions), theirs.step(actions)
        for one, other in zip(a[:4], b[:4]):
            np.testing.assert_array_equal(one, other, err_msg=f"step {step}")
            assert one.dtype == other.dtype
        same_infos(a[4], b[4])
        over = a[2] | a[3]
        ends += over.sum()
        if mode == AutoresetMode.DISABLED and over.any():
            np.testing.assert_array_equal(ours.reset(options={"reset_mask": over})[0],
                                          theirs.reset(options={"reset_mask": over})[0])
    assert ends > 0


def episodes_of(env, mode, steps):
    """What a user of this mode can put together: for each simulation its finished episodes, all that was
    seen from the first observation to the last."""
    seen = [[each.copy()] for each in env.reset(seed=9)[0]]
    finished, starting = [[] for _ in seen], np.zeros(env.num_envs, bool)
    actions = np.random.default_rng(0).uniform(-1, 1, (steps, *env.action_space.shape))
    for step in range(steps):
        observations, _, terminated, truncated, infos = env.step(actions[step].astype(np.float32))
        over = terminated | truncated
        for i in range(env.num_envs):
            if starting[i]:  # NEXT_STEP: this is the first of the next episode
                seen[i] = [observations[i]]
            elif over[i]:
                last = infos["final_obs"][i] if mode == AutoresetMode.SAME_STEP else observations[i]
                finished[i].append(np.array(seen[i] + [last]))
                seen[i] = [observations[i]]  # SAME_STEP: the first of the next one
            else:
                seen[i].append(observations[i])
        starting = over if mode == AutoresetMode.NEXT_STEP else starting
        if mode == AutoresetMode.DISABLED and over.any():
            first = env.reset(options={"reset_mask": over})[0]
            for i in np.flatnonzero(over):
                seen[i] = [first[i]]
    return finished


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("mode", MODES)
def test_no_observation_is_lost_or_doubled(mode, limit):
    env = longplay.make_vec("HalfCheetah-v5", 2, autoreset_mode=mode, max_episode_steps=limit)
    finished = episodes_of(env, mode, 30)
    # The same first observations as one simulation that is reset by hand.
    for i, episodes in enumerate(finished):
        one = longplay.make("HalfCheetah-v5", max_episode_steps=limit)
        first = one.reset(seed=9 + i)[0]
        assert len(episodes) >= 30 // (limit + 1)
        for episode in episodes:
            assert episode.shape == (limit + 1, 17)
            np.testing.assert_array_equal(episode[0], first)
            # All that was seen is different: nothing is there twice.
            assert len(np.unique(episode, axis=0)) == limit + 1
            first = one.reset()[0]


@pytest.mark.parametrize("task", ["HalfCheetah-v5", "Hopper-v5", "Walker2d-v5", "Ant-v5", "Swimmer-v5",
                                  "InvertedDoublePendulum-v5", "Humanoid-v5"])
def test_steps_equal_those_of_gymnasiums_own_task(task):
    ours, theirs = longplay.make_vec(task, 2), gymnasium.make(task).unwrapped
    ours.reset(seed=3)
    ours.action_space.seed(2)
    for start in range(3):
        theirs.reset(seed=start)
        # Both from where Gymnasium's reset led.
        theirs.set_state(theirs.data.qpos.copy(), theirs.data.qvel.copy())
        ours.set_positions(1, theirs.data.qpos, theirs.data.qvel)
        for _ in range(10):
            action = ours.action_space.sample()
            observations, rewards, terminated, _, _ = ours.step(action)
            observation, reward, ended, _, _ = theirs.step(action[1])
            np.testing.assert_allclose(observations[1], observation, rtol=1e-9, atol=1e-9)
            assert rewards[1] == pytest.approx(reward, rel=1e-9, abs=1e-9)
            assert terminated[1] == ended
            if ended or terminated[0]:
                break
        ours.reset(seed=3)


@pytest.mark.parametrize("mode", MODES)
def test_gymnasiums_statistics_of_episodes_are_right(mode):
    env = RecordEpisodeStatistics(
        longplay.make_vec("HalfCheetah-v5", 2, autoreset_mode=mode, max_episode_steps=3))
    env.reset(seed=0)
    env.action_space.seed(0)
    returns, lengths, total = [], [], np.zeros(2)
    for _ in range(12):
        _, rewards, terminated, truncated, infos = env.step(env.action_space.sample())
        total += rewards
        if (terminated | truncated).all():
            returns += list(infos["episode"]["r"])
            lengths += list(infos["episode"]["l"])
            np.testing.assert_allclose(infos["episode"]["r"], total, rtol=1e-5)
            total = np.zeros(2)
            if mode == AutoresetMode.DISABLED:
                env.reset(options={"reset_mask": np.ones(2, bool)})
    assert set(lengths) == {3}
    assert len(returns) == (6 if mode == AutoresetMode.NEXT_STEP else 8)


def test_the_same_seeds_give_the_same_bytes_whatever_is_beside_them():
    def play(count, threads):
        env = longplay.make_vec("Ant-v5", count, threads=threads)
        env.reset(seed=11)
        actions = np.random.default_rng(4).uniform(-1, 1, (40, 8, 8)).astype(np.float32)
        return [env.step(row[:count])[0][:3].tobytes() for row in actions]

    assert play(3, 1) == play(8, 2) == play(3, 3)


def test_seeds_may_be_given_one_by_one():
    one = longplay.make_vec("Hopper-v5", 2).reset(seed=[4, 9])[0]
    np.testing.assert_array_equal(one[0], longplay.make("Hopper-v5").reset(seed=4)[0])
    np.testing.assert_array_equal(one[1], longplay.make("Hopper-v5").reset(seed=9)[0])
    again = longplay.make_vec("Hopper-v5", 2)
    assert not np.array_equal(again.reset()[0], again.reset()[0])


def test_a_seed_draws_the_hidden_parameter_and_episodes_keep_it():
    env = longplay.make_vec("literature/cheetah-vel-v0", 2, max_episode_steps=2)
    env.reset(seed=1)
    parameters = [env.hidden_parameter(0), env.hidden_parameter(1)]
    assert parameters[0] != parameters[1]
    for _ in range(9):
        env.step(env.action_space.sample())
    env.reset()
    assert env.hidden_parameter(0) == parameters[0]
    env.reset(seed=7)
    assert env.hidden_parameter(0) != parameters[0]


@pytest.mark.parametrize("spec", longplay.environments(), ids=lambda spec: spec["id"])
def test_gymnasium_makes_every_environment(spec):
    name = "longplay/" + spec["id"].replace("/", ".")
    env = gymnasium.make_vec(name, num_envs=2)
    assert isinstance(env.unwrapped, longplay.VectorEnvironment)
    observations, _ = env.reset(seed=0)
    assert observations.shape == (2, spec["observation_size"])
    observations, rewards, *_ = env.step(env.action_space.sample())
    assert np.isfinite(observations).all() and np.isfinite(rewards).all()
    env.close()


def test_gymnasiums_checker_finds_nothing():
    from gymnasium.utils.env_checker import check_env
    for name in ("longplay/Hopper-v5", "longplay/family.grid-goal-v0"):
        check_env(gymnasium.make(name).unwrapped, skip_render_check=True)


@pytest.mark.parametrize(("make", "expected"), [
    (lambda: longplay.make_vec("Hoper-v5"), "Hopper-v5"),
    (lambda: longplay.make_vec(None, 2), "id: expected one of longplay.environments.., got none"),
    (lambda: longplay.make_vec("Hopper-v5", 0), "batch: expected at least 1, got 0"),
    (lambda: longplay.make_vec("Hopper-v5", autoreset_mode="Never"), "Never"),
    (lambda: longplay.make_vec("Hopper-v5", dtype=int), "expected float32 or float64"),
    (lambda: longplay.make_vec("Hopper-v5", 2).reset(seed=[1]), "expected 2 seeds, got 1"),
    (lambda: longplay.make_vec("Hopper-v5", 2).reset(seed=-1), "expected 0 or more"),
    (lambda: longplay.make_vec("Hopper-v5", 2).reset(options={"reset_mask": [True, True]}),
     "expected an array of 2 bools"),
])
def test_wrong_use_is_one_line_that_says_what_is_expected(make, expected):
    with pytest.raises(ValueError, match=expected) as raised:
        make()
    assert "\n" not in str(raised.value)


def test_task_models_are_those_of_the_package(tmp_path):
    package = pathlib.Path(longplay.__file__).parent
    shutil.copytree(package, tmp_path / "longplay", ignore=shutil.ignore_patterns("bin", "liblongplay_data*"))
    models = tmp_path / "longplay/share/longplay/mjcf"
    (models / "gymnasium/envs/mujoco/assets/hopper.xml").unlink()
    result = subprocess.run([sys.executable, "-c", "import longplay; longplay.make_vec('Hopper-v5')"],
                            env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True,
                            check=False)
    assert f"longplay._library.Error: loading a simulator model: {models}" in result.stderr, result.stderr


def test_an_environment_that_is_closed_says_so():
    env = longplay.make_vec("Hopper-v5", 2)
    env.reset(seed=0)
    env.close()
    env.close()
    with pytest.raises(ValueError, match="expected environments, got NULL"):
        env.step(np.zeros((2, 3)))


def test_wrong_actions_are_refused():
    env = longplay.make_vec("family/grid-goal-v0", 2, autoreset_mode="DISABLED", max_episode_steps=1)
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(np.zeros(2, np.int64))
    env.reset(seed=0)
    with pytest.raises(ValueError, match="expected whole numbers"):
        env.step(np.zeros(2))
    with pytest.raises(ValueError, match="expected a whole number from 0 to"):
        env.step(np.array([0, 99]))
    with pytest.raises(ValueError, match=r"expected the shape \(2,\), got \(3,\)"):
        env.step(np.zeros(3, np.int64))
    env.step(np.zeros(2, np.int64))
    with pytest.raises(ValueError, match="stepping"):  # over, and not reset
        env.step(np.zeros(2, np.int64))
    with pytest.raises(TypeError, match="speed"):
        longplay.make_vec("Hopper-v5", speed=3)


def test_observations_in_float32_are_those_in_float64_rounded():
    one, other = (longplay.make_vec("Hopper-v5", 2, dtype=kind) for kind in (np.float32, np.float64))
    assert one.single_observation_space.dtype == np.float32
    np.testing.assert_array_equal(one.reset(seed=1)[0], other.reset(seed=1)[0].astype(np.float32))
    action = np.full((2, 3), 0.25)  # exact in both
    np.testing.assert_array_equal(one.step(action)[0], other.step(action)[0].astype(np.float32))
