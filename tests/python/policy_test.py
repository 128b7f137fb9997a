# SPDX-License-Identifier: MIT
"""Policy and play: policies of the zoo, in our environments and in others', one chain and many."""
import json
import pathlib
import shutil

import gymnasium
import longplay
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

ZOO = pathlib.Path(__file__).parent.parent.parent / "zoo"
GOAL = ZOO / "point_goal_2_episodes"


def steps(policy, count, seed=0):
    """What `count` steps of chains see, at random, episodes of seven steps."""
    random = np.random.default_rng(seed)
    for step in range(count):
        yield (random.normal(size=(policy.chains, policy.observation_size)),
               random.normal(size=policy.chains), np.full(policy.chains, step % 7 == 0))


def test_what_a_chain_does_depends_on_no_other():
    many = longplay.Policy(GOAL, chains=3, act="mean")
    ones = [longplay.Policy(GOAL, act="mean") for _ in range(3)]
    for observations, rewards, starts in steps(many, 40):
        actions = many.act(observations, rewards, starts)
        assert actions.shape == (3, 2) and (abs(actions) <= 1).all()
        for i, one in enumerate(ones):
            np.testing.assert_allclose(one.act(observations[i], rewards[i], starts[i]), actions[i], atol=1e-6)


def test_a_chain_goes_on_where_it_was_saved():
    policy, other = longplay.Policy(GOAL, chains=2, act="mean"), longplay.Policy(GOAL, act="mean")
    seen = list(steps(policy, 30))
    for observations, rewards, starts in seen[:20]:
        policy.act(observations, rewards, starts)
    other.load(policy.save(1))
    for observations, rewards, starts in seen[20:]:
        actions = policy.act(observations, rewards, starts)
        # Up to rounding: two chains are computed in another order than one.
        np.testing.assert_allclose(other.act(observations[1], rewards[1], starts[1]), actions[1], atol=1e-5)
    with pytest.raises((ValueError, longplay.Error)):
        other.load(b"damaged")


def test_steps_that_are_read_in_are_as_if_they_were_watched():
    watching, reading = longplay.Policy(GOAL, act="mean"), longplay.Policy(GOAL, act="mean")
    seen = [(o[0], r[0], s[0]) for o, r, s in steps(watching, 25)]
    actions = np.random.default_rng(1).uniform(-1, 1, (24, 2))
    for (observation, reward, start), action in zip(seen, actions):
        watching.watch(observation, reward, start, action)
    # A step's reward is what the next one tells of it.
    reading.read(0, [s[0] for s in seen[:24]], actions, [s[1] for s in seen[1:25]], [s[2] for s in seen[:24]])
    np.testing.assert_allclose(reading.act(*seen[24]), watching.act(*seen[24]), atol=1e-5)
    assert reading.status.tokens == watching.status.tokens


def test_a_draw_lasts_as_long_as_is_asked():
    each = longplay.Policy(GOAL, act="sample", draw_every=1, seed=3)
    third = longplay.Policy(GOAL, act="sample", draw_every=3, seed=3)
    seen = [(o[0], r[0], s[0]) for o, r, s in steps(each, 3)]
    ones, lasting = ([policy.act(*step) for step in seen] for policy in (each, third))
    np.testing.assert_array_equal(ones[0], lasting[0])  # the first numbers are the same
    assert (ones[1] != lasting[1]).any()


def test_draws_are_as_the_configuration_says(tmp_path):
    folder = tmp_path / "exported"
    shutil.copytree(GOAL, folder)
    config = json.loads((folder / "config.json").read_text())
    config["config"]["evaluate"].update(act="sample", draw_every=4)
    (folder / "config.json").write_text(json.dumps(config))
    configured = longplay.Policy(folder, seed=5)
    given = longplay.Policy(GOAL, act="sample", draw_every=4, seed=5)
    other = longplay.Policy(folder, draw_every=1, seed=5)
    seen = [(o[0], r[0], s[0]) for o, r, s in steps(given, 6)]
    actions = [[policy.act(*step) for step in seen] for policy in (configured, given, other)]
    np.testing.assert_array_equal(actions[0], actions[1])
    assert (np.array(actions[0]) != np.array(actions[2])).any()


def test_the_best_of_several_samples_needs_value_heads():
    with pytest.raises(ValueError, match="without value heads"):
        longplay.Policy(GOAL, act="best_of")
    with pytest.raises(ValueError, match="draw_every: expected 1 to"):
        longplay.Policy(GOAL, draw_every=0)
    policy = longplay.Policy(GOAL, act="mean")
    assert policy.description["has_values"] == 0
    with pytest.raises(ValueError, match="without value heads"):
        policy.set_act("best_of")


def test_a_chain_that_begins_anew_has_forgotten():
    policy = longplay.Policy(GOAL, act="mean")
    seen = [(o[0], r[0], s[0]) for o, r, s in steps(policy, 15)]
    first = [policy.act(*each) for each in seen]
    later = [policy.act(*each) for each in seen]
    assert not np.allclose(first[-1], later[-1], atol=1e-4)  # it remembers
    policy.start_chain()
    np.testing.assert_array_equal([policy.act(*each) for each in seen], first)


def test_it_acts_as_its_configuration_says_unless_told_otherwise():
    seen = [(o[0], r[0], s[0]) for o, r, s in steps(longplay.Policy(GOAL), 5)]
    drawn, sampled, mean = [np.array([policy.act(*each) for each in seen]) for policy in (
        longplay.Policy(GOAL), longplay.Policy(GOAL, act="sample"), longplay.Policy(GOAL, act="mean"))]
    np.testing.assert_array_equal(drawn, sampled)
    assert not np.allclose(drawn, mean)


def test_samples_are_a_function_of_the_seed():
    seen = [(o[0], r[0], s[0]) for o, r, s in steps(longplay.Policy(GOAL), 10)]
    drawn = [np.array([policy.act(*each) for each in seen]) for policy in (
        longplay.Policy(GOAL, act="sample", seed=seed) for seed in (1, 1, 2))]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_play_gives_the_same_returns_in_every_mode_and_one_by_one():
    policy, played = longplay.Policy(GOAL, chains=3, act="mean"), {}
    for mode in AutoresetMode:
        env = longplay.make_vec("family/point-goal-v0", 3, autoreset_mode=mode, max_episode_steps=9)
        played[mode] = longplay.play(policy, env, episodes=4, seed=5)
        sync = SyncVectorEnv([lambda: longplay.make("family/point-goal-v0", max_episode_steps=9)] * 3,
                             autoreset_mode=mode)
        np.testing.assert_array_equal(longplay.play(policy, sync, episodes=4, seed=5), played[mode])
    one = longplay.Policy(GOAL, act="mean")
    ones = [longplay.play(one, longplay.make("family/point-goal-v0", max_episode_steps=9), episodes=4,
                          seed=5 + i) for i in range(3)]
    for returns in played.values():
        assert returns.shape == (3, 4)
        np.testing.assert_allclose(returns, np.concatenate(ones), atol=1e-4)


# Their records (zoo/*/result.json) are LibTorch's.
@pytest.mark.parametrize(("name", "episodes"), [
    ("cartpole_decision_transformer", 2), ("walker_decision_transformer", 2),
    ("cheetah_velocity_4_episodes", 4), ("point_goal_8_episodes", 8), ("point_goal_8_episodes_mamba2", 8), ("point_goal_8_episodes_rwkv7", 8)])
def test_policies_of_the_zoo_play_their_tasks_as_recorded(name, episodes):
    record = json.loads((ZOO / name / "result.json").read_text(encoding="utf-8"))["returns"]
    wanted = np.array([chain[:episodes] for chain in record])
    policy = longplay.Policy(ZOO / name, chains=16)
    env = longplay.make_vec(num_envs=16, held_out=True, **policy.task)
    returns = longplay.play(policy, env, episodes, seed=1)
    means, recorded = returns.mean(1), wanted.mean(1)
    error = np.sqrt(means.var() / len(means) + recorded.var() / len(recorded))
    assert abs(means.mean() - recorded.mean()) < 4 * error + 0.02 * abs(recorded.mean())


def test_later_episodes_are_better_than_the_first():
    policy = longplay.Policy(GOAL, chains=16)
    returns = longplay.play(policy, longplay.make_vec("family/point-goal-v0", 16), episodes=16, seed=0)
    assert returns[:, -4:].mean() > returns[:, 0].mean() + 5


class Counting(gymnasium.Env):
    """Three steps; its action and observations are none of longplay's kinds."""

    observation_space = gymnasium.spaces.Box(-1, 1, (2, 3), np.float32)
    action_space = gymnasium.spaces.Box(-0.5, 0.5, (1, 1), np.float32)

    def reset(self, *, seed=None, options=None):
        self.steps = 0
        return np.zeros((2, 3), np.float32), {}

    def step(self, action):
        assert action in self.action_space
        self.steps += 1
        return np.zeros((2, 3), np.float32), 1.0, False, self.steps == 3, {}


def test_foreign_environments_are_played():
    class Six:  # a policy of six observations and one action
        chains, observation_size, action_size, discrete = 1, 6, 1, False
        seen = []

        def start_chain(self, target=None):
            self.seen.clear()

        def act(self, observations, rewards, starts, active):
            self.seen.append((rewards[0], bool(starts[0])))
            return np.full((1, 1), 0.9)  # beyond the bounds

    np.testing.assert_array_equal(longplay.play(Six(), Counting(), episodes=2), [[3, 3]])
    # Every decision is told the reward of the one before, also over the end of an episode.
    assert Six.seen == [(0, True), (1, False), (1, False), (1, True), (1, False), (1, False)]


def test_what_does_not_fit_is_refused():
    class Chooses:
        chains, observation_size, action_size, discrete = 1, 6, 3, True

    with pytest.raises(ValueError, match="expected 3 choices, as the policy gives, got 1 numbers"):
        longplay.play(Chooses(), Counting())


def test_what_is_wrong_is_one_line(tmp_path):
    policy = longplay.Policy(GOAL, chains=2)
    run = tmp_path / "run"
    (run / "checkpoints").mkdir(parents=True)
    for use, kind, message in [
            (lambda: longplay.Policy(tmp_path), longplay.Error, "config.json"),
            (lambda: longplay.Policy(run), longplay.Error, "got a run folder: longplay export .*run --out FOLDER"),
            (lambda: longplay.make_vec("", 2), ValueError, "got none .* hand it to longplay.play"),
            (lambda: longplay.Policy(GOAL, chains=0), ValueError, "chains"),
            (lambda: longplay.Policy(GOAL, act="best"), ValueError, "expected one of mean, sample"),
            (lambda: policy.act(np.zeros((2, 3))), ValueError, r"expected the shape \(2, "),
            (lambda: policy.start_chain(2), ValueError, "chain"),
            (lambda: longplay.play(policy, longplay.make_vec("family/point-goal-v0", 3)), ValueError,
             "expected a policy with at least 3 chains"),
            (lambda: longplay.play(policy, longplay.make_vec("Hopper-v5", 2)), ValueError,
             "expected 4 numbers, as the policy sees, got 11"),
            (lambda: longplay.play(policy, longplay.make_vec("family/point-goal-v0", 2), episodes=0),
             ValueError, "episodes: expected at least 1, got 0")]:
        with pytest.raises(kind, match=message) as raised:
            use()
        assert "\n" not in str(raised.value)
