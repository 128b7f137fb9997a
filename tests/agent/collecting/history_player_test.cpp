// SPDX-License-Identifier: MIT
#include "agent/collecting/history_player.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "agent/collecting/goal_search.h"
#include "agent/collecting/random_explorer.h"
#include "env/list/make_listed_environment.h"
#include "tests/agent/collecting/breaking_environment.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

struct Played {
  std::vector<Episode> episodes;
  int64_t steps = 0;    // that were played now
  int64_t kept = 0;     // episodes that were there
  int64_t journal = 0;  // [bytes]
};

/// Goes on with the first `bytes` of the journal of that name.
Played Play(Environment& environment, Explorer& explorer, const HistoryPlan& plan,
            const std::string& name, int64_t bytes = 0) {
  EpisodeJournal journal(TemporaryPath(name), bytes);
  Played played;
  PlayHistories(
      environment, explorer, plan, journal,
      {.on_episode = [&](const PlayedEpisode& episode) { played.kept += episode.kept ? 1 : 0; },
       .on_step = [&](int64_t steps) { played.steps += steps; }});
  journal.ForEach([&](const Episode& episode) { played.episodes.push_back(episode); });
  played.journal = journal.bytes();
  return played;
}

Played PlayAtRandom(const std::string& task, int64_t simulations, const HistoryPlan& plan) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment(task, {.batch = simulations, .threads = 1});
  RandomExplorer random(environment->spec(), simulations);
  return Play(*environment, random, plan, "random.journal");
}

void ExpectSame(const Played& one, const Played& two) {
  ASSERT_EQ(one.episodes.size(), two.episodes.size());
  for (size_t e = 0; e < one.episodes.size(); ++e) {
    EXPECT_EQ(one.episodes[e].history, two.episodes[e].history);
    EXPECT_EQ(one.episodes[e].observations, two.episodes[e].observations);
    EXPECT_EQ(one.episodes[e].actions, two.episodes[e].actions);
    EXPECT_EQ(one.episodes[e].rewards, two.episodes[e].rewards);
    EXPECT_EQ(one.episodes[e].terminated, two.episodes[e].terminated);
    EXPECT_EQ(one.episodes[e].truncated, two.episodes[e].truncated);
  }
}

TEST(HistoryPlayerTest, StepsAreRoundedUpToWholeEpisodes) {
  const Played played =
      PlayAtRandom("family/point-goal-v0", 4, {.steps = 20 * 13 + 1, .episodes = 3, .seed = 5});
  EXPECT_EQ(played.episodes.size(), 14U);
  EXPECT_EQ(played.steps, 20 * 14);
  for (int64_t e = 0; e < 14; ++e) EXPECT_EQ(played.episodes[e].history, e / 3);
}

TEST(HistoryPlayerTest, EpisodesThatEndEarlyAddUpToo) {
  const Played played = PlayAtRandom("Hopper-v5", 8, {.steps = 500, .episodes = 1, .seed = 5});
  int64_t steps = 0;
  for (const Episode& episode : played.episodes) {
    EXPECT_LT(steps, 500);  // none was played once there were enough
    EXPECT_TRUE(episode.terminated);
    steps += episode.length();
  }
  EXPECT_GE(steps, 500);
  EXPECT_EQ(steps, played.steps);
}

TEST(HistoryPlayerTest, NumberOfSimulationsChangesNothing) {
  const HistoryPlan plan = {.steps = 20 * 12, .episodes = 3, .seed = 5};
  ExpectSame(PlayAtRandom("family/point-goal-v0", 1, plan),
             PlayAtRandom("family/point-goal-v0", 7, plan));
}

/// Position += action; an episode lasts at most 5 steps, and every seventh seed's first or third
/// step diverges.
class Walk : public Environment {
 public:
  explicit Walk(int64_t batch) : at_(batch), steps_(batch), breaks_(batch), outcomes_(batch) {
    spec_ = {.id = "walk",
             .observation_size = 1,
             .action_size = 1,
             .max_episode_steps = 5,
             .action_low = {-1},
             .action_high = {1}};
  }
  const EnvironmentSpec& spec() const override { return spec_; }
  int64_t batch() const override { return static_cast<int64_t>(at_.size()); }
  void StartChain(int64_t, uint64_t) override {}
  void Reset(std::span<const int64_t> simulations, std::span<const uint64_t> seeds) override {
    for (size_t k = 0; k < simulations.size(); ++k) {
      const int64_t i = simulations[k];
      at_[i] = static_cast<double>(seeds[k] % 1000);
      steps_[i] = 0;
      breaks_[i] = seeds[k] % 7 == 0 ? 1 + 2 * static_cast<int64_t>(seeds[k] % 2) : 0;
    }
  }
  const std::vector<StepOutcome>& Step(std::span<const double> actions,
                                       std::span<const uint8_t> active) override {
    for (int64_t i = 0; i < batch(); ++i) {
      if (!active[i]) continue;
      const bool diverged = ++steps_[i] == breaks_[i];
      at_[i] = diverged ? std::nan("") : at_[i] + actions[i];
      outcomes_[i] = {.reward = at_[i],
                      .terminated = diverged,
                      .truncated = steps_[i] == 5,
                      .diverged = diverged};
    }
    return outcomes_;
  }
  std::span<const double> observation(int64_t i) const override { return {&at_[i], 1}; }

 private:
  EnvironmentSpec spec_;
  std::vector<double> at_;
  std::vector<int64_t> steps_, breaks_;
  std::vector<StepOutcome> outcomes_;
};

/// An undisturbed call, and calls that go on from every so many bytes of its journal.
void ExpectThatItGoesOn(Environment& environment, Explorer& explorer, const HistoryPlan& plan) {
  const Played whole = Play(environment, explorer, plan, "whole.journal");
  const std::string cut = TemporaryPath("cut.journal");
  for (int64_t bytes = 0; bytes <= whole.journal;
       bytes += std::max<int64_t>(1, whole.journal / 9)) {
    std::filesystem::copy_file(TemporaryPath("whole.journal"), cut,
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(cut, bytes);
    const int64_t left = EpisodeJournal(cut).bytes();  // whole entries
    const Played resumed = Play(environment, explorer, plan, "cut.journal", left);
    ExpectSame(whole, resumed);
    EXPECT_EQ(resumed.kept > 0, left > 0);
    EXPECT_LE(resumed.steps, whole.steps);
  }
}

TEST(HistoryPlayerTest, AKillAnywhereChangesNothing) {
  constexpr int64_t kSimulations = 4;
  const auto environment =
      MakeListedEnvironment("family/point-goal-v0", {.batch = kSimulations, .threads = 1});
  const HistoryPlan plan = {.steps = 20 * 30, .episodes = 3, .seed = 5};
  RandomExplorer random(environment->spec(), kSimulations);
  ExpectThatItGoesOn(*environment, random, plan);
  GoalSearch search(kSimulations, {});
  ExpectThatItGoesOn(*environment, search, plan);
}

TEST(HistoryPlayerTest, AKillAfterEpisodesThatDivergedChangesNothing) {
  constexpr int64_t kSimulations = 4;
  Walk walk(kSimulations);
  RandomExplorer random(walk.spec(), kSimulations);
  const HistoryPlan plan = {.steps = 300, .episodes = 6, .seed = 2};
  const Played played = Play(walk, random, plan, "walk.journal");
  EXPECT_GT(played.steps, 300);  // some diverged: their last step is left out
  ExpectThatItGoesOn(walk, random, plan);
}

// It went on for ever: such episodes are counted, but no step of them is.
TEST(HistoryPlayerTest, AnEnvironmentWhoseFirstStepsAllDivergeIsAnError) {
  BreakingEnvironment environment(4);
  RandomExplorer random(environment.spec(), 4);
  EXPECT_THAT(
      [&] { Play(environment, random, {.steps = 10, .episodes = 3, .seed = 1}, "journal"); },
      testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr(
          "breaking: expected episodes with steps, got 1000 in a row whose first step diverged")));
}

TEST(HistoryPlayerTest, AnotherExplorersEpisodesAreRefused) {
  const auto environment = MakeListedEnvironment("family/point-goal-v0", {.batch = 1});
  const HistoryPlan plan = {.steps = 40, .episodes = 2, .seed = 5};
  RandomExplorer random(environment->spec(), 1);
  Play(*environment, random, plan, "random.journal");
  EpisodeJournal journal(TemporaryPath("random.journal"));
  const int64_t first = journal.places()[0].offset + journal.places()[0].bytes;
  GoalSearch search(1, {});
  EXPECT_THROW(Play(*environment, search, plan, "random.journal", first), std::runtime_error);
}

}  // namespace
}  // namespace longplay
