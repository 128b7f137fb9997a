// SPDX-License-Identifier: MIT
#include "datasets/checks/lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// An episode whose observations, of `width` numbers, grow by 1 at every step, from `start`; the
/// action of step t is t.
Episode Walk(int steps, double start, int width = 1) {
  Episode episode{.observation_size = width, .action_columns = 1, .truncated = true};
  for (int t = 0; t < steps; ++t) {
    episode.observations.insert(episode.observations.end(), width, start + t);
    episode.actions.push_back(t);
  }
  episode.rewards.assign(steps, 0);
  return episode;
}

/// Moves the first `columns` numbers of every observation from step `t` on.
void Jump(Episode& episode, int64_t t, double by, int64_t columns = 1) {
  for (int64_t row = t; row < episode.length(); ++row) {
    for (int64_t k = 0; k < columns; ++k) {
      episode.observations[row * episode.observation_size + k] += by;
    }
  }
}

/// "where: problem" of each warning.
std::vector<std::string> Warnings(const std::vector<Episode>& episodes,
                                  const DatasetInfo& info = {.path = "toy", .format = "d4rl"}) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  Lint lint(info);
  for (size_t e = 0; e < episodes.size(); ++e) lint.Add(static_cast<int64_t>(e), episodes[e], log);
  lint.Finish(log);
  std::vector<std::string> warnings;
  for (const Problem& problem : log.problems()) {
    EXPECT_EQ(problem.severity, Severity::kWarning);
    warnings.push_back(problem.where + ": " + problem.problem);
  }
  return warnings;
}

TEST(LintTest, JumpOfTheStateIsNamedWithTheStepItLeadsTo) {
  Episode episode = Walk(201, 0);
  Jump(episode, 70, 20);  // 21 instead of 1; the mean change is 1.1
  EXPECT_THAT(Warnings({Walk(50, 1000), episode}),
              ElementsAre("toy: episode 1, step 70: the observation jumps: two episodes joined?"));
}

/// `rows` states of three numbers that grow by 1 a step, and by 30 more from row `jump` on.
RecordedPhysics States(int64_t rows, int64_t jump = -1) {
  RecordedPhysics states{.columns = 3, .rows = {}};
  for (int64_t t = 0; t < rows; ++t) {
    const double state = static_cast<double>(t) + (jump >= 0 && t >= jump ? 30 : 0);
    states.rows.insert(states.rows.end(), 3, state);
  }
  return states;
}

/// Warnings of an episode of 200 steps with these states.
std::vector<std::string> WarningsWith(const Episode& episode, const RecordedPhysics& states) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  Lint lint({.path = "toy", .format = "exorl"});
  lint.Add(0, episode, log);
  lint.AddStates(0, states, episode.length());
  lint.Finish(log);
  std::vector<std::string> warnings;
  for (const Problem& problem : log.problems()) {
    warnings.push_back(problem.where + ": " + problem.problem);
  }
  return warnings;
}

TEST(LintTest, RecordedStatesShowAJumpThatObservationsDoNot) {
  EXPECT_THAT(WarningsWith(Walk(200, 0), States(200)), IsEmpty());
  EXPECT_THAT(
      WarningsWith(Walk(200, 0), States(200, 70)),
      ElementsAre("toy: episode 0, step 70: the recorded state jumps: two episodes joined?"));
  // The state after the last step may be that of the next reset.
  EXPECT_THAT(WarningsWith(Walk(200, 0), States(201, 200)), IsEmpty());
  EXPECT_THAT(WarningsWith(Walk(200, 0), States(201, 199)), SizeIs(1));
}

TEST(LintTest, JumpThatBothShowIsNamedOnce) {
  Episode episode = Walk(200, 0);
  Jump(episode, 70, 30);
  EXPECT_THAT(WarningsWith(episode, States(200, 70)),
              ElementsAre("toy: episode 0, step 70: the observation jumps: two episodes joined?"));
  EXPECT_THAT(WarningsWith(episode, States(200, 71)), SizeIs(2));
}

TEST(LintTest, WhatIsNoStateOfEachStepIsPassedOver) {
  RecordedPhysics broken = States(200, 70);
  broken.rows[5] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(WarningsWith(Walk(200, 0), broken), IsEmpty());
  EXPECT_THAT(WarningsWith(Walk(200, 0), {}), IsEmpty());
  EXPECT_THAT(WarningsWith(Walk(200, 0), States(1)), IsEmpty());
}

TEST(LintTest, SmallJumpsAreTheTasksOwn) {
  Episode episode = Walk(201, 0);
  Jump(episode, 70, 6);  // 7, below 8 times the mean change
  EXPECT_THAT(Warnings({episode}), IsEmpty());
}

TEST(LintTest, JumpOfOneNumberAmongManyIsAContact) {
  Episode contact = Walk(201, 0, 10), other = contact;
  Jump(contact, 70, 20, 1);
  EXPECT_THAT(Warnings({contact}), IsEmpty());
  Jump(other, 70, 20, 10);
  EXPECT_EQ(Warnings({other}).size(), 1U) << "all of them are another episode";
}

TEST(LintTest, JumpsInMoreThanAHundredthOfManyStepsAreTheTasks) {
  Episode episode = Walk(10001, 0);  // 10,000 changes
  for (int64_t t = 100; t <= 10000; t += 100) Jump(episode, t, 20);
  EXPECT_EQ(Warnings({episode}).size(), 100U);
  Jump(episode, 150, 20);
  EXPECT_THAT(Warnings({episode}), IsEmpty());
}

// Half the root of the number of steps: a small file of joined episodes has more than a hundredth.
TEST(LintTest, FewStepsMayHaveMoreJumps) {
  Episode episode = Walk(102, 0);  // 101 changes
  for (int64_t t = 17; t < 102; t += 17) Jump(episode, t, 40);
  EXPECT_EQ(Warnings({episode}).size(), 5U);
  Jump(episode, 5, 40);
  EXPECT_THAT(Warnings({episode}), IsEmpty());
}

// A switch that is thrown twice in a hundred steps does not make its steps jumps.
TEST(LintTest, NumberThatRarelyChangesDoesNotJumpWhenItDoes) {
  Episode rare = Walk(101, 0);
  for (int64_t t = 0; t < 101; ++t) rare.observations[t] = t < 30 || t > 70 ? 0 : 1;
  EXPECT_THAT(Warnings({rare}), IsEmpty());
}

TEST(LintTest, EpisodesMayBeginAnywhere) {
  EXPECT_THAT(Warnings({Walk(100, 0), Walk(100, 1e6), Walk(1, -1e6)}), IsEmpty());
}

TEST(LintTest, NumbersThatNeverChangeDoNotHideAJump) {
  Episode episode = Walk(201, 0);
  Jump(episode, 70, 20);
  Episode wide{.observation_size = 20, .action_columns = 1};
  for (const double value : episode.observations) {
    wide.observations.push_back(value);
    wide.observations.insert(wide.observations.end(), 19, 3.5);
  }
  wide.actions = episode.actions;
  EXPECT_EQ(Warnings({wide}).size(), 1U);
}

TEST(LintTest, StateThatStandsStillIsNoProblem) {
  Episode still = Walk(50, 0);
  still.observations.assign(50, 7);
  EXPECT_THAT(Warnings({still}), IsEmpty());
}

TEST(LintTest, CopiesAreNamedWithTheFirstOfThem) {
  Episode other_rewards = Walk(5, 0);
  other_rewards.rewards = {1, 2, 3, 4, 5};
  EXPECT_THAT(Warnings({Walk(5, 0), Walk(5, 1), other_rewards, Walk(5, 0)}),
              ElementsAre("toy: episode 2: the same observations and actions as episode 0",
                          "toy: episode 3: the same observations and actions as episode 0"));
}

TEST(LintTest, OtherActionsFromTheSameStatesAreNoCopy) {
  Episode other = Walk(5, 0);
  other.actions[4] = 5;
  EXPECT_THAT(Warnings({Walk(5, 0), other, Walk(4, 0), Walk(6, 0)}), IsEmpty());
}

TEST(LintTest, TwoEndsAtOnceAreNamedAndOneIsNot) {
  Episode both = Walk(5, 0), one = Walk(5, 1), none = Walk(5, 2);
  both.terminated = true;
  none.truncated = false;
  EXPECT_THAT(
      Warnings({both, one, none}),
      ElementsAre("toy: episode 0: terminated and truncated at once: counts as terminated"));
}

TEST(LintTest, FirstActionOutOfItsBoundsIsNamedAndTheOthersAreCounted) {
  Episode episode = Walk(4, 0);
  episode.action_columns = 2;
  episode.actions = {-1, 0, 1, 5, 0, 6, 2, 0};
  const DatasetInfo info{
      .path = "toy", .format = "d4rl", .action_low = {-1, 0}, .action_high = {1, 4}};
  EXPECT_THAT(
      Warnings({episode}, info),
      ElementsAre("toy: episode 0, step 1: an action outside the bounds of the action space "
                  "(and 2 more)"));
}

TEST(LintTest, ActionsAtTheirBoundsAreInside) {
  Episode episode = Walk(3, 0);
  episode.actions = {-1, 1.0000005, 1e30};  // float32 rounds bounds
  DatasetInfo info{.path = "toy", .format = "d4rl", .action_low = {-1}, .action_high = {1}};
  EXPECT_EQ(Warnings({episode}, info).size(), 1U) << "the third";
  info.action_high = {kInfinity};
  EXPECT_THAT(Warnings({episode}, info), IsEmpty());
}

TEST(LintTest, ActionsWithoutBoundsAreLeftAlone) {
  Episode episode = Walk(3, 0);
  episode.actions = {100, 200, 300};
  EXPECT_THAT(Warnings({episode}), IsEmpty());
}

TEST(LintTest, ReferenceScoresComeInPairsAndAscend) {
  DatasetInfo info{.path = "toy", .reference_min = -3, .reference_max = 5};
  EXPECT_THAT(Warnings({Walk(2, 0)}, info), IsEmpty());
  info.reference_min = 5;
  EXPECT_THAT(Warnings({Walk(2, 0)}, info),
              ElementsAre("toy: the reference score 0 is not below the reference score 1"));
  info.reference_min.reset();
  EXPECT_THAT(
      Warnings({Walk(2, 0)}, info),
      ElementsAre("toy: one reference score without the other: returns are not normalised"));
}

}  // namespace
}  // namespace longplay
