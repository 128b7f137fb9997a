// SPDX-License-Identifier: MIT
#include "agent/collecting/collect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

#include "agent/acting/rollout.h"
#include "agent/collecting/goal_oracle.h"
#include "agent/collecting/goal_search.h"
#include "agent/runs/output_claim.h"
#include "agent/stop_signal.h"
#include "datasets/episode_reader.h"
#include "datasets/store/episode_set.h"
#include "env/environment_facets.h"
#include "env/list/make_listed_environment.h"

namespace longplay {
namespace {

class CollectTest : public testing::Test {
 protected:
  CollectTest() {
    folder_ = testing::TempDir() + "collect_test_" + std::to_string(getpid());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~CollectTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  std::string Message(const CollectOptions& options) const {
    try {
      Collect(options, [](const CollectProgress&) {});
    } catch (const std::exception& error) {
      return error.what();
    }
    return "";
  }

 private:
  std::string folder_;
};

CollectResult CollectQuietly(const CollectOptions& options) {
  return Collect(options, [](const CollectProgress&) {});
}

void ExpectSameEpisodes(const std::string& one, const std::string& two) {
  const auto first = OpenDataset(one);
  const auto second = OpenDataset(two);
  ASSERT_EQ(first->info().episodes, second->info().episodes);
  for (int64_t e = 0; e < first->info().episodes; ++e) {
    const Episode a = first->Read(e);
    const Episode b = second->Read(e);
    EXPECT_EQ(a.observations, b.observations);
    EXPECT_EQ(a.actions, b.actions);
    EXPECT_EQ(a.rewards, b.rewards);
    EXPECT_EQ(a.terminated, b.terminated);
    EXPECT_EQ(a.truncated, b.truncated);
  }
}

TEST_F(CollectTest, RandomDataAreReadBack) {
  const CollectResult result = CollectQuietly({.environment = "Hopper-v5",
                                               .steps = 300,
                                               .out = Path("random.hdf5"),
                                               .algorithm = CollectAlgorithm::kRandom});
  const auto reader = OpenDataset(Path("random.hdf5"));
  EXPECT_EQ(reader->info().episodes, result.episodes);
  EXPECT_EQ(reader->info().steps, result.steps);
  EXPECT_EQ(reader->info().environment, "Hopper-v5");
  EXPECT_EQ(reader->info().observation_size, 11);
  EXPECT_EQ(reader->info().action_size, 3);
  EXPECT_GE(result.steps, 300);
  EXPECT_EQ(result.algorithm, "random");
  EXPECT_TRUE(reader->Read(0).terminated);
  EXPECT_FALSE(reader->Read(0).truncated);
}

TEST_F(CollectTest, RandomDiscreteDataAreReadBackAsDiscrete) {
  const auto collect = [&](const std::string& name) {
    return CollectQuietly({.environment = "family/grid-goal-v0?size=3",
                           .steps = 400,
                           .out = Path(name),
                           .algorithm = CollectAlgorithm::kRandom,
                           .episodes_per_history = 3});
  };
  EXPECT_EQ(collect("grid.hdf5").steps, 400);
  collect("grid");  // the layout of Minari 0.5
  for (const char* name : {"grid.hdf5", "grid"}) {
    const auto reader = OpenDataset(Path(name));
    const DatasetInfo& info = reader->info();
    EXPECT_EQ(info.action_kind, ActionKind::kDiscrete);
    EXPECT_EQ(info.action_size, 5);
    EXPECT_EQ(info.action_type, "int64");
    EXPECT_EQ(info.max_episode_steps, 20);
    std::vector<int64_t> taken(5, 0);
    for (int64_t e = 0; e < info.episodes; ++e) {
      const Episode episode = reader->Read(e);
      EXPECT_EQ(episode.action_columns, 1);
      EXPECT_EQ(episode.history, e / 3);
      for (const double action : episode.actions) ++taken[static_cast<size_t>(action)];
    }
    for (const int64_t count : taken) EXPECT_GT(count, 40);  // 80 expected, deviation 8
  }
  ExpectSameEpisodes(Path("grid.hdf5"), Path("grid"));
}

TEST_F(CollectTest, ALearnerOfContinuousActionsRefusesOthersBeforeAnyWork) {
  const CollectOptions options = {
      .environment = "family/grid-goal-v0", .steps = 100, .out = Path("sac.hdf5")};
  EXPECT_THAT(Message(options), testing::HasSubstr("algorithm: sac: expected continuous actions, "
                                                   "got 5 discrete ones"));
  EXPECT_FALSE(std::filesystem::exists(Path("sac.hdf5")));
}

// Whole histories, each better in the end than in the beginning.
TEST_F(CollectTest, TabularQLearningRecordsItsHistories) {
  const CollectResult result =
      CollectQuietly({.environment = "literature/dark-room-v0?size=5&goals="
                                     "drawn&limit=20",
                      .steps = 3 * 80 * 20,
                      .out = Path("q.hdf5"),
                      .algorithm = CollectAlgorithm::kQLearning,
                      .episodes_per_history = 80,
                      .q_learning = {.last_exploration = 0}});
  EXPECT_EQ(result.algorithm, "q_learning");
  EXPECT_EQ(result.episodes, 240);
  const EpisodeSet set = EpisodeSet::Load({Path("q.hdf5")});
  for (int64_t history = 0; history < 3; ++history) {
    double first = 0, last = 0;
    for (int64_t e = 0; e < 80; ++e) {
      EXPECT_EQ(set.history(80 * history + e), history);
      if (e < 16) first += set.episode_return(80 * history + e);
      if (e >= 64) last += set.episode_return(80 * history + e);
    }
    EXPECT_GT(last, first + 16 * 4);  // of at most 20 an episode
  }
}

// Beside the steps stands where the goal lies, which the recorded rewards tell, too: its cell is the
// one where staying is best.
TEST_F(CollectTest, AnOracleLabelsWhatOthersPlay) {
  CollectQuietly({.environment = "literature/dark-room-v0?start=random&task=3-8",
                  .steps = 4000,
                  .out = Path("labels.hdf5"),
                  .algorithm = CollectAlgorithm::kRandom,
                  .episodes_per_history = 4,
                  .labels = "oracle"});
  const auto reader = OpenDataset(Path("labels.hdf5"));
  int64_t rewarded = 0;
  for (int64_t e = 0; e < reader->info().episodes; ++e) {
    const Episode episode = reader->Read(e);
    const EpisodeExtras extras = reader->ReadExtras(e);
    const std::vector<double>& labels = extras.infos.at("label").values;
    ASSERT_EQ(labels.size(), 100U);
    for (size_t t = 0; t + 1 < labels.size(); ++t) {
      EXPECT_EQ(labels[t + 1] == 4, episode.rewards[t] == 1) << e << " " << t;
      rewarded += episode.rewards[t] == 1 ? 1 : 0;
    }
  }
  EXPECT_GT(rewarded, 10);  // about 40 of 4,000
}

// A search is labelled by who is told its goal: the one that its history was begun with.
TEST_F(CollectTest, ASearchIsLabelledByOneThatIsTold) {
  CollectQuietly({.environment = "family/point-goal-v0",
                  .steps = 3 * 2 * 20,
                  .out = Path("labels.hdf5"),
                  .episodes_per_history = 2,
                  .seed = 11,
                  .labels = "oracle"});
  const auto environment = MakeListedEnvironment("family/point-goal-v0", {.batch = 1});
  const auto reader = OpenDataset(Path("labels.hdf5"));
  ASSERT_EQ(reader->info().episodes, 6);
  for (int64_t e = 0; e < 6; ++e) {
    environment->StartChain(0, EpisodeSeed(11, e / 2));
    const std::span<const double> goal = environment->hidden_parameter()->parameter(0);
    const Episode episode = reader->Read(e);
    const EpisodeExtras extras = reader->ReadExtras(e);
    const std::vector<double>& labels = extras.infos.at("label").values;
    ASSERT_EQ(labels.size(), 40U);
    for (int64_t t = 0; t < 20; ++t) {
      const std::span seen = std::span(episode.observations).subspan(t * 4, 4);
      const std::array<double, 2> told =
          SteerTo({goal[0], goal[1]}, std::vector<double>(seen.begin(), seen.end()), 1);
      EXPECT_NEAR(labels[2 * t], told[0], 1e-6) << e << " " << t;
      EXPECT_NEAR(labels[2 * t + 1], told[1], 1e-6) << e << " " << t;
    }
  }
}

// The runner that is told draws nothing: the same place has the same label.
TEST_F(CollectTest, ASearchForAPublishedVelocityIsLabelled) {
  const CollectOptions options = {.environment = "literature/cheetah-vel-v0?task=3",
                                  .steps = 400,
                                  .out = Path("labels.hdf5"),
                                  .algorithm = CollectAlgorithm::kSearch,
                                  .episodes_per_history = 2,
                                  .learning_steps = 800,
                                  .labels = "oracle"};
  CollectQuietly(options);
  const auto reader = OpenDataset(Path("labels.hdf5"));
  ASSERT_EQ(reader->info().episodes, 2);
  double difference = 0;
  for (int64_t e = 0; e < 2; ++e) {
    const Episode episode = reader->Read(e);
    const EpisodeExtras extras = reader->ReadExtras(e);
    const std::vector<double>& labels = extras.infos.at("label").values;
    ASSERT_EQ(labels.size(), 200U * 6);
    for (size_t k = 0; k < labels.size(); ++k) {
      EXPECT_LE(std::abs(labels[k]), 1);
      difference += std::abs(labels[k] - episode.actions[k]);
    }
  }
  EXPECT_GT(difference, 1);  // the searcher's actions are others
}

TEST_F(CollectTest, LabelsWithoutAnOracleAreRefusedBeforeAnyWork) {
  CollectOptions options = {.environment = "Hopper-v5",
                            .steps = 100,
                            .out = Path("none.hdf5"),
                            .algorithm = CollectAlgorithm::kRandom,
                            .labels = "oracle"};
  EXPECT_THAT(Message(options), testing::HasSubstr("labels: oracle: expected literature/point"));
  options.algorithm = CollectAlgorithm::kSoftActorCritic;
  EXPECT_THAT(Message(options), testing::HasSubstr("labels: expected none with algorithm sac"));
  EXPECT_FALSE(std::filesystem::exists(Path("none.hdf5")));
}

// Every learner's rewards are those of its own goal: 45 and 46 of the published list.
TEST_F(CollectTest, EachLearnerPlaysItsTaskOfAPublishedList) {
  CollectQuietly({.environment = "literature/point-robot-v0",
                  .steps = 2 * 3 * 20,
                  .out = Path("tasks.hdf5"),
                  .algorithm = CollectAlgorithm::kSoftActorCritic,
                  .learners = 2,
                  .first_task = 45,
                  .sac = {.simulations = 1,
                          .random_decisions = 40,
                          .updates_per_decision = 1,
                          .batch = 16,
                          .learner = {.hidden = 16, .learns_temperature = false}}});
  const double goals[2][2] = {{-0.5005, 0.9529}, {0.6331, -0.9113}};
  const auto reader = OpenDataset(Path("tasks.hdf5"));
  ASSERT_EQ(reader->info().episodes, 6);
  for (int64_t e = 0; e < 6; ++e) {
    const Episode episode = reader->Read(e);
    ASSERT_EQ(episode.history, e / 3);
    for (int64_t t = 0; t < 20; ++t) {
      const double* at = &episode.observations[2 * (t + 1)];
      EXPECT_NEAR(episode.rewards[t], -std::hypot(at[0] - goals[e / 3][0], at[1] - goals[e / 3][1]),
                  1e-4);
    }
  }
}

TEST_F(CollectTest, AListThatEndsBeforeTheLastLearnerIsRefusedBeforeAnyWork) {
  const CollectOptions options = {.environment = "literature/point-robot-v0",
                                  .steps = 100,
                                  .out = Path("list.hdf5"),
                                  .algorithm = CollectAlgorithm::kSoftActorCritic,
                                  .learners = 3,
                                  .first_task = 48};
  EXPECT_THAT(Message(options),
              testing::HasSubstr("task: expected 0 to 49, or FIRST-LAST of them, got \"50\""));
  CollectOptions random = options;
  random.algorithm = CollectAlgorithm::kRandom;
  EXPECT_THAT(Message(random),
              testing::HasSubstr("first_task: expected none but with algorithm sac"));
  EXPECT_FALSE(std::filesystem::exists(Path("list.hdf5.unfinished")));
}

TEST_F(CollectTest, WhoIsToldWhereToGoIsRecordedToo) {
  const CollectResult result = CollectQuietly({.environment = "literature/point-robot-v0?task=45",
                                               .steps = 40,
                                               .out = Path("told.hdf5"),
                                               .algorithm = CollectAlgorithm::kOracle});
  EXPECT_EQ(result.algorithm, "oracle");
  EXPECT_NEAR(result.mean_return, -4.26, 5e-3);
  EXPECT_THAT(Message({.environment = "Hopper-v5",
                       .steps = 40,
                       .out = Path("hopper.hdf5"),
                       .algorithm = CollectAlgorithm::kOracle}),
              testing::HasSubstr("algorithm: oracle: expected literature/point-robot-v0"));
}

TEST_F(CollectTest, SearchKeepsWholeHistories) {
  const CollectResult result = CollectQuietly({.environment = "family/point-goal-v0",
                                               .steps = 10 * 4 * 20,
                                               .out = Path("search"),
                                               .episodes_per_history = 4});
  EXPECT_EQ(result.algorithm, "search");
  EXPECT_EQ(result.episodes, 40);
  const EpisodeSet set = EpisodeSet::Load({Path("search")});
  ASSERT_EQ(set.episodes(), 40);
  for (int64_t e = 0; e < 40; ++e) EXPECT_EQ(set.history(e), e / 4);
  EXPECT_NEAR(
      result.mean_return * 40,
      [&] {
        double sum = 0;
        for (int64_t e = 0; e < 40; ++e) sum += set.episode_return(e);
        return sum;
      }(),
      1e-9);
}

TEST_F(CollectTest, AnOracleEarnsWhatSteeringStraightToTheGoalEarns) {
  const CollectResult result = CollectQuietly({.environment = "family/point-goal-v0",
                                               .steps = 20 * 8 * 64,
                                               .out = Path("search"),
                                               .algorithm = CollectAlgorithm::kSearch});
  ASSERT_TRUE(result.oracle_return);
  const double steered = GoalOracle({.episodes = 1, .seeds = 256}).value;  // goals of other seeds
  EXPECT_NEAR(*result.oracle_return, steered, 0.5);
  EXPECT_GT(*result.oracle_return, result.mean_return);
  const CollectOptions random = {.environment = "family/point-goal-v0",
                                 .steps = 20,
                                 .out = Path("random"),
                                 .algorithm = CollectAlgorithm::kRandom};
  EXPECT_FALSE(CollectQuietly(random).oracle_return);
}

TEST_F(CollectTest, EveryLearnerIsOneHistory) {
  const CollectResult result = CollectQuietly({.environment = "dm_control/cartpole-swingup-v0",
                                               .steps = 6 * 25,
                                               .out = Path("sac.hdf5"),
                                               .learners = 2,
                                               .action_repeat = 8,
                                               .max_episode_steps = 25});
  EXPECT_EQ(result.algorithm, "sac");
  EXPECT_EQ(result.episodes, 6);
  const EpisodeSet set = EpisodeSet::Load({Path("sac.hdf5")});
  EXPECT_EQ(set.info().action_repeat, 8);
  std::vector<int64_t> histories;
  for (int64_t e = 0; e < set.episodes(); ++e) histories.push_back(set.history(e));
  EXPECT_THAT(histories, testing::ElementsAre(0, 0, 0, 1, 1, 1));
  EXPECT_TRUE(OpenDataset(Path("sac.hdf5"))->Read(0).truncated);
}

TEST_F(CollectTest, SameSeedGivesTheSameData) {
  for (const CollectAlgorithm algorithm :
       {CollectAlgorithm::kSearch, CollectAlgorithm::kRandom, CollectAlgorithm::kSoftActorCritic}) {
    const bool sac = algorithm == CollectAlgorithm::kSoftActorCritic;
    CollectOptions options = {.environment = "family/point-goal-v0",
                              .steps = 900,
                              .out = Path("one.hdf5"),
                              .algorithm = algorithm,
                              .learners = sac ? 2 : 1,
                              .existing = ExistingData::kReplace,
                              .seed = 3};
    CollectQuietly(options);
    options.out = Path("two.hdf5");
    CollectQuietly(options);
    ExpectSameEpisodes(Path("one.hdf5"), Path("two.hdf5"));
  }
}

TEST_F(CollectTest, ExistingDataAreReplacedOnlyOnRequest) {
  CollectOptions options = {
      .environment = "family/point-goal-v0", .steps = 20, .out = Path("data.hdf5")};
  CollectQuietly(options);
  EXPECT_THAT(Message(options), testing::HasSubstr("expected nothing there yet"));
  options.existing = ExistingData::kReplace;
  options.steps = 40;
  EXPECT_EQ(CollectQuietly(options).episodes, 2);
  EXPECT_EQ(OpenDataset(Path("data.hdf5"))->info().episodes, 2);

  std::filesystem::create_directories(Path("photographs"));
  options.out = Path("photographs");
  EXPECT_THAT(Message(options), testing::HasSubstr("expected a data set to replace"));
  EXPECT_TRUE(std::filesystem::exists(Path("photographs")));
}

std::string Text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// Collects, and is sent a signal once so many decisions were played. True when it was stopped.
bool IsStopped(CollectOptions options, int64_t decisions) {
  CatchStopSignals();
  options.start = RunStart::kResume;
  bool stopped = false;
  try {
    Collect(options, [&](const CollectProgress& progress) {
      if (progress.steps >= decisions && StopSignal().empty()) raise(SIGTERM);
    });
  } catch (const StoppedBySignal& signal) {
    EXPECT_THAT(signal.what(), testing::HasSubstr("stopped by SIGTERM after"));
    EXPECT_THAT(signal.resume(), testing::EndsWith(" --resume"));
    stopped = true;
  }
  ForgetStopSignal();
  return stopped;
}

class CollectResumeTest : public CollectTest, public testing::WithParamInterface<CollectOptions> {};

TEST_P(CollectResumeTest, StoppedBySignalsItEndsWithTheBytesOfAnUndisturbedCall) {
  CollectOptions options = GetParam();
  options.out = Path("whole/data.hdf5");
  std::filesystem::create_directories(Path("whole"));
  const CollectResult whole = CollectQuietly(options);
  options.out = Path("data.hdf5");
  int64_t stops = 0;
  const int64_t total = DecisionsOf(options);
  for (const int64_t decisions : {int64_t{1}, total / 8, total / 3, 2 * total / 3}) {
    if (!IsStopped(options, decisions)) break;  // learners may be quicker than the signal
    ++stops;
    EXPECT_TRUE(std::filesystem::exists(Path("data.hdf5.unfinished")));
  }
  EXPECT_GE(stops, 2);
  options.start = RunStart::kResume;
  if (!std::filesystem::exists(options.out)) {
    const CollectResult resumed = CollectQuietly(options);
    EXPECT_EQ(resumed.mean_return, whole.mean_return);
    EXPECT_EQ(resumed.oracle_return, whole.oracle_return);
  }
  EXPECT_TRUE(Text(Path("whole/data.hdf5")) == Text(Path("data.hdf5")));
  EXPECT_FALSE(std::filesystem::exists(Path("data.hdf5.unfinished")));
  EXPECT_FALSE(std::filesystem::exists(Path("data.hdf5.claim")));
}

constexpr const char* kResumed[] = {"Random", "Goal", "Velocity", "Learners"};

INSTANTIATE_TEST_SUITE_P(
    Algorithms, CollectResumeTest,
    testing::Values(CollectOptions{.environment = "Hopper-v5",
                                   .steps = 4000,
                                   .algorithm = CollectAlgorithm::kRandom},
                    CollectOptions{.environment = "family/point-goal-v0",
                                   .steps = 30000,
                                   .episodes_per_history = 5},
                    CollectOptions{.environment = "family/cheetah-velocity-v0",
                                   .steps = 5000,
                                   .max_episode_steps = 9,
                                   .episodes_per_history = 3,
                                   .learning_steps = 900},
                    CollectOptions{.environment = "Hopper-v5", .steps = 4000, .learners = 3}),
    [](const auto& task) { return kResumed[task.index]; });

TEST_F(CollectTest, UnfinishedWorkIsLostOnlyOnRequest) {
  CollectOptions options = {
      .environment = "family/point-goal-v0", .steps = 20000, .out = Path("data.hdf5")};
  ASSERT_TRUE(IsStopped(options, 6000));
  EXPECT_EQ(Message(options), "collecting data: " + options.out +
                                  ": expected no unfinished work, got " + options.out +
                                  ".unfinished (--resume goes on with it, --overwrite starts "
                                  "anew)");
  CollectOptions others = options;
  others.start = RunStart::kResume;
  others.steps = 400;
  others.seed = 9;
  EXPECT_THAT(Message(others),
              testing::HasSubstr("expected the options that it was begun with, got "
                                 "seed 9 instead of 0, steps 400 instead of "
                                 "20000"));
  EXPECT_TRUE(std::filesystem::exists(options.out + ".unfinished/histories.journal"));
  others.start = RunStart::kFresh;
  others.existing = ExistingData::kReplace;
  EXPECT_EQ(CollectQuietly(others).steps, 400);
  EXPECT_FALSE(std::filesystem::exists(options.out + ".unfinished"));
}

TEST_F(CollectTest, WorkWithoutEpisodesIsNoLoss) {
  CollectOptions options = {.environment = "family/point-goal-v0",
                            .steps = 20000,
                            .out = Path("data.hdf5"),
                            .algorithm = CollectAlgorithm::kRandom};
  ASSERT_TRUE(IsStopped(options, 1));
  EXPECT_TRUE(std::filesystem::exists(Path("data.hdf5.unfinished")));
  options.steps = 20;
  EXPECT_EQ(CollectQuietly(options).steps, 20);
}

TEST_F(CollectTest, KilledWhenItsDataSetIsInPlaceNothingIsLeftToDo) {
  CollectOptions options = {
      .environment = "family/point-goal-v0", .steps = 20000, .out = Path("data.hdf5")};
  ASSERT_TRUE(IsStopped(options, 6000));
  const std::string work = Path("data.hdf5.unfinished"), copy = Path("copy");
  std::filesystem::copy(work, copy);
  options.start = RunStart::kResume;
  const CollectResult whole = CollectQuietly(options);
  const std::string bytes = Text(options.out);
  std::filesystem::rename(copy, work);
  // Not yet written: whatever is there is not its data set.
  EXPECT_THAT(Message(options), testing::HasSubstr("expected nothing there yet"));
  std::ofstream(work + "/result.json")
      << R"({"episodes": 1000, "steps": 20000, "mean_return": 3, "best_return": 7,)"
      << R"( "algorithm": "search", "oracle_return": 9})";
  CollectOptions others = options;
  others.seed = 9;
  EXPECT_THAT(Message(others), testing::HasSubstr("seed 9 instead of 0"));
  const CollectResult found = CollectQuietly(options);
  EXPECT_EQ(found.steps, whole.steps);
  EXPECT_EQ(found.oracle_return, 9);
  EXPECT_FALSE(std::filesystem::exists(work));
  EXPECT_TRUE(Text(options.out) == bytes);
}

TEST_F(CollectTest, AFolderThatIsNotOursIsLeftAlone) {
  const CollectOptions options = {
      .environment = "family/point-goal-v0", .steps = 20, .out = Path("data.hdf5")};
  std::filesystem::create_directories(Path("data.hdf5.unfinished/symphony"));
  EXPECT_THAT(Message(options), testing::HasSubstr("expected unfinished work or nothing"));
  EXPECT_TRUE(std::filesystem::exists(Path("data.hdf5.unfinished/symphony")));
}

TEST_F(CollectTest, TwoAtOnceForOneDataSetAreRefused) {
  const CollectOptions options = {
      .environment = "family/point-goal-v0", .steps = 20, .out = Path("data")};
  const OutputClaim claim(options.out, "writing data");
  EXPECT_THAT(Message(options), testing::HasSubstr("expected no other process to write it, got "
                                                   "process "));
}

TEST_F(CollectTest, AnOracleSteersInDecisionsOfAsManyControlStepsAsTheData) {
  const CollectResult result = CollectQuietly({.environment = "family/point-goal-v0",
                                               .steps = 20,
                                               .out = Path("search"),
                                               .action_repeat = 4});
  ASSERT_TRUE(result.oracle_return);
  // 17.6 with decisions of one control step; what cannot be turned in between costs the rest.
  EXPECT_GT(*result.oracle_return, 16);
  EXPECT_NEAR(GoalOracle({.episodes = 1, .seeds = 256, .action_repeat = 4}).value,
              *result.oracle_return, 0.5);  // goals of other seeds
}

TEST_F(CollectTest, WhatAnotherProcessTookOverIsLeftToIt) {
  const std::string out = Path("data.hdf5");
  for (const CollectAlgorithm algorithm :
       {CollectAlgorithm::kRandom, CollectAlgorithm::kSoftActorCritic}) {
    const auto collect = [&] {
      Collect({.environment = "Hopper-v5",
               .steps = 1000000,
               .out = out,
               .algorithm = algorithm,
               .existing = ExistingData::kReplace},
              [&](const CollectProgress&) {
                std::filesystem::remove(out + ".claim");
                std::ofstream(out + ".claim") << "process 17 on another-machine";
              });
    };
    EXPECT_THAT(collect, testing::ThrowsMessage<ClaimLost>(testing::HasSubstr(
                             "collecting data: " + out +
                             ": expected no other process to write it, got process 17 on ")));
    // It and what was recorded are the other's now.
    EXPECT_TRUE(std::filesystem::exists(out + ".claim"));
    EXPECT_TRUE(std::filesystem::exists(out + ".unfinished"));
    std::filesystem::remove(out + ".claim");
  }
}

TEST_F(CollectTest, BadOptionsAreRefusedBeforeAnyWork) {
  const CollectOptions good = {
      .environment = "family/point-goal-v0", .steps = 20, .out = Path("data.hdf5")};
  CollectOptions options = good;
  options.steps = 0;
  EXPECT_THAT(Message(options), testing::HasSubstr("steps: expected 1 to 1000000000000, got 0"));
  options.steps = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(Message(options), testing::HasSubstr("steps: expected 1 to"));
  options = good;
  options.environment = "family/point-gaol-v0";
  EXPECT_THAT(Message(options), testing::HasSubstr("family/point-goal-v0"));
  options = good;
  options.environment = "Hopper-v5";
  options.algorithm = CollectAlgorithm::kSearch;
  EXPECT_THAT(Message(options), testing::HasSubstr("got Hopper-v5"));
  options = good;
  options.out = Path("missing/data.hdf5");
  EXPECT_THAT(Message(options), testing::HasSubstr("expected a folder to write in"));
  options = good;
  options.learners = 0;
  EXPECT_THAT(Message(options), testing::HasSubstr("learners"));
  options.learners = 2;
  EXPECT_THAT(Message(options), testing::HasSubstr("learners: expected 1 but with algorithm sac"));
  options = good;
  options.algorithm = CollectAlgorithm::kSoftActorCritic;
  options.episodes_per_history = 3;
  EXPECT_THAT(Message(options), testing::HasSubstr("episodes_per_history: expected none"));
  options = good;
  options.algorithm = CollectAlgorithm::kRandom;
  options.environment = "literature/dark-room-v0?task=0-3&draw=in_turn";
  EXPECT_THAT(Message(options), testing::HasSubstr("draw: expected random, got in_turn"));
}

// Their next step would not be where they reckon with.
TEST_F(CollectTest, WhatCountsSingleStepsRefusesRepeatedActions) {
  for (const auto& [algorithm, task] : std::vector<std::pair<CollectAlgorithm, std::string>>{
           {CollectAlgorithm::kOracle, "literature/dark-room-v0"},
           {CollectAlgorithm::kWaypoints, "literature/dark-room-v0"},
           {CollectAlgorithm::kTriangulation, "literature/point-robot-v0"},
           {CollectAlgorithm::kFilter, "family/fog-v0"}}) {
    EXPECT_THAT(Message({.environment = task,
                         .steps = 100,
                         .out = Path("repeated.hdf5"),
                         .algorithm = algorithm,
                         .action_repeat = 2}),
                testing::HasSubstr("action_repeat: expected 1, got 2"));
  }
  EXPECT_THAT(Message({.environment = "literature/dark-room-v0",
                       .steps = 100,
                       .out = Path("repeated.hdf5"),
                       .algorithm = CollectAlgorithm::kRandom,
                       .action_repeat = 2,
                       .labels = "oracle"}),
              testing::HasSubstr("labels: oracle: action_repeat: expected 1, got 2"));
}

}  // namespace
}  // namespace longplay
