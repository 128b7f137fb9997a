// SPDX-License-Identifier: MIT
#include "agent/explorers/q_learning_explorer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "agent/acting/rollout.h"
#include "agent/collecting/history_player.h"
#include "env/list/make_listed_environment.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

struct QHistory {
  std::vector<double> actions, returns;
  auto operator<=>(const QHistory&) const = default;
};

constexpr uint64_t kHistorySeed = 5;

QHistory Played(const std::string& id, int64_t episodes, const QLearningOptions& options,
                const std::string& name, int64_t bytes = 0, int64_t simulations = 3) {
  const auto environment = MakeListedEnvironment(id, {.batch = simulations, .threads = 1});
  QLearningExplorer learner(environment->spec(), simulations, episodes, options);
  EpisodeJournal journal(TemporaryPath(name), bytes);
  const HistoryPlan plan = {.steps = episodes * environment->spec().max_episode_steps,
                            .episodes = episodes,
                            .seed = kHistorySeed};
  PlayHistories(*environment, learner, plan, journal,
                {.on_episode = [](const PlayedEpisode&) {}, .on_step = [](int64_t) {}});
  QHistory history;
  journal.ForEach([&](const Episode& episode) {
    history.actions.insert(history.actions.end(), episode.actions.begin(), episode.actions.end());
    history.returns.push_back(std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0));
  });
  return history;
}

/// The same history written down plainly: one loop, a map from (state, action) to a value.
QHistory PlainlyPlayed(const std::string& id, int64_t episodes, const QLearningOptions& o) {
  const auto environment = MakeListedEnvironment(id, {.threads = 1});
  const int64_t actions = environment->spec().action_size;
  std::map<std::pair<std::vector<double>, int64_t>, double> value;
  const uint64_t seed = EpisodeSeed(kHistorySeed, 0);
  RandomGenerator random(seed, RandomGenerator::Stream::kLearner);
  environment->StartChain(0, seed);
  QHistory history;
  for (int64_t e = 0; e < episodes; ++e) {
    environment->Reset(0, EpisodeSeed(seed, e));
    const double done = std::min(1.0, static_cast<double>(e) / (o.exploration_share * episodes));
    const double epsilon = o.first_exploration + done * (o.last_exploration - o.first_exploration);
    double earned = 0, sum = 0;
    const auto state = [&] {
      const auto seen = environment->observation(0);
      std::vector<double> s(seen.begin(), seen.end());
      if (o.remembers_reward) s.push_back(earned);
      return s;
    };
    for (bool over = false; !over;) {
      const auto s = state();
      const bool explores = random.Uniform(0, 1) < epsilon;
      const double draw = random.Uniform(0, 1);
      // All actions, or the best ones.
      double best = -1e300;
      for (int64_t a = 0; a < actions; ++a) best = std::max(best, value[{s, a}]);
      std::vector<int64_t> candidates;
      for (int64_t a = 0; a < actions; ++a) {
        if (explores || value[{s, a}] == best) candidates.push_back(a);
      }
      const int64_t action = candidates[static_cast<size_t>(draw * candidates.size())];
      const auto number = static_cast<double>(action);
      const StepOutcome outcome =
          environment->Step(std::span(&number, 1), std::vector<uint8_t>{1})[0];
      if (outcome.reward > 0) earned = 1;
      const auto next = state();
      double next_best = -1e300;
      for (int64_t a = 0; a < actions; ++a) next_best = std::max(next_best, value[{next, a}]);
      double& q = value[{s, action}];
      q += o.learning_rate * (outcome.reward + o.discount * next_best - q);
      history.actions.push_back(number);
      sum += outcome.reward;
      over = outcome.over();
    }
    history.returns.push_back(sum);
  }
  return history;
}

TEST(QLearningExplorerTest, HistoriesAreThoseOfAPlainLoop) {
  for (const std::string id : {"literature/dark-room-v0?size=4&limit=12&goals=drawn",
                               "literature/dark-key-to-door-v0?size=4&goals=drawn&limit=30"}) {
    for (const bool remembers : {false, true}) {
      const QLearningOptions options = {.exploration_share = 0.5, .remembers_reward = remembers};
      EXPECT_EQ(Played(id, 60, options, "plain.journal"), PlainlyPlayed(id, 60, options)) << id;
    }
  }
}

// Late in a history it earns nearly what an oracle does: 101 less the distance, at least 83.
TEST(QLearningExplorerTest, AHistoryShowsLearning) {
  const QHistory history =
      Played("literature/dark-room-v0", 400, {}, "learning.journal", 0, /*simulations=*/1);
  const auto mean = [&](int64_t from, int64_t to) {
    return std::accumulate(history.returns.begin() + from, history.returns.begin() + to, 0.0) /
           static_cast<double>(to - from);
  };
  EXPECT_LT(mean(0, 40), 20);
  EXPECT_GT(mean(360, 400), 60);
}

TEST(QLearningExplorerTest, KeyAndDoorAreLearntByWhatWasEarned) {
  const std::string id = "literature/dark-key-to-door-v0?size=5&start=centre";
  const QHistory remembering = Played(id, 600, {}, "key.journal", 0, 1);
  const double last =
      std::accumulate(remembering.returns.end() - 50, remembering.returns.end(), 0.0) / 50;
  EXPECT_GT(last, 1.8);
}

// What is kept is played again by the learner alone; the rest has the same bytes.
TEST(QLearningExplorerTest, AHistoryGoesOnWhereItWasCut) {
  const std::string id = "literature/dark-room-v0?size=5&limit=15&goals=drawn";
  const QHistory whole = Played(id, 30, {}, "cut.journal");
  const EpisodeJournal journal(TemporaryPath("cut.journal"));
  const int64_t cut = journal.places()[17].offset + journal.places()[17].bytes;
  EXPECT_EQ(Played(id, 30, {}, "cut.journal", cut), whole);
}

TEST(QLearningExplorerTest, ContinuousActionsAreRefused) {
  const auto point = MakeListedEnvironment("literature/point-robot-v0", {});
  EXPECT_THAT([&] { QLearningExplorer(point->spec(), 1, 1, {}); },
              testing::ThrowsMessage<std::invalid_argument>(
                  testing::HasSubstr("expected discrete actions")));
}

}  // namespace
}  // namespace longplay
