// SPDX-License-Identifier: MIT
#include "agent/comparison/comparison_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "agent/collecting/collect.h"
#include "agent/runs/run_claim.h"
#include "agent/runs/run_folder.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Bytes(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  EXPECT_FALSE(bytes.str().empty()) << path;
  return bytes.str();
}

/// Histories of eight episodes of twenty decisions.
std::string PlayableData() {
  const std::string path = TemporaryPath("goals");
  if (std::filesystem::exists(path)) return path;
  Collect({.environment = "family/point-goal-v0",
           .steps = 4 * 8 * 20,
           .out = path,
           .algorithm = CollectAlgorithm::kSearch,
           .episodes_per_history = 8},
          {});
  return path;
}

std::string ConfigText(const std::string& data) {
  return "data: {files: [" + data +
         "]}\n"
         "model: {layers: 1, width: 16, heads: 2, dropout: 0.1}\n"
         "train: {steps: 6, tokens_per_step: 80, warmup_steps: 2, log_every: 2, "
         "checkpoint_every: 2}\n"
         "evaluate: {episodes: 2, seeds: 3}\n"
         "compare:\n"
         "  grid: {chain.episodes: [1, 8]}\n"
         "  seeds: 2\n"
         "  variants:\n"
         "    - {name: cloning, set: {chain.episodes: 1, chain.tokens: [observation]}}\n";
}

ComparisonPlan Plan(const std::string& text) {
  return PlanComparison(ParseComparison(text, "small.yaml", {}));
}

std::string Refusal(const std::string& text) {
  try {
    Plan(text);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ComparisonPlanTest, BudgetsAreEqualStepsAndEqualTokens) {
  const ComparisonPlan plan = Plan(ConfigText(PlayableData()));
  // Four chains of one episode or a single one of eight: 80 or 160 tokens a step.
  const auto steps = [&](size_t row, Budget budget) {
    return FindRun(plan.comparison, row, 0, 1, budget).steps;
  };
  EXPECT_EQ(steps(0, Budget::kSteps), 6);
  EXPECT_EQ(steps(1, Budget::kSteps), 6);
  EXPECT_EQ(steps(1, Budget::kTokens), 3);
  const ComparedRun& both = FindRun(plan.comparison, 0, 0, 1, Budget::kTokens);
  EXPECT_EQ(&both, &FindRun(plan.comparison, 0, 0, 1, Budget::kSteps));
  EXPECT_EQ(both.tokens, FindRun(plan.comparison, 1, 0, 0, Budget::kTokens).tokens);
  EXPECT_EQ(plan.comparison.runs.size(), 2U * (1 + 2 + 1));
  for (size_t i = 0; i < plan.options.size(); ++i) {
    EXPECT_EQ(plan.options[i].train.steps, plan.comparison.runs[i].steps);
    EXPECT_EQ(plan.options[i].train.seed, plan.comparison.runs[i].seed);
    EXPECT_EQ(plan.options[i].train.warmup_steps, plan.comparison.runs[i].steps / 3);
  }
}

TEST(ComparisonPlanTest, WhatCannotBeTrainedOrPlayedIsNamedBeforeAnythingRuns) {
  const std::string text = ConfigText(PlayableData());
  EXPECT_THAT(Refusal(ConfigText(TemporaryPath("nowhere"))), HasSubstr("nowhere"));
  EXPECT_THAT(Refusal(text + "  tasks: [{name: goals, data: " + PlayableData() +
                      ", set: {chain.source: history, evaluate.episodes: 9}}]\n"),
              HasSubstr("accepted"));
  EXPECT_THAT(
      Refusal(text + "    - {name: long, set: {chain.episodes: 9, chain.source: history}}\n"),
      AllOf(HasSubstr("row \"long\""), HasSubstr("histor")));
  EXPECT_THAT(Refusal(ConfigText(WriteSmallData())),
              HasSubstr("expected an environment (evaluate.environment=ID) or, without a "
                        "simulator, held-out data"));
  EXPECT_THAT(Refusal(text + "  tasks: [{name: hop, data: " + PlayableData() +
                      ", environment: Hopper-v5}]\n"),
              AllOf(HasSubstr("task \"hop\""), HasSubstr("expected 4 observations and 2 actions")));
  EXPECT_THAT(Refusal(text + "  tasks: [{name: hop, data: " + PlayableData() +
                      ", environment: Nothing-v5}]\n"),
              AllOf(HasSubstr("task \"hop\""), HasSubstr("Nothing-v5")));
}

// Rounded, the steps of both budgets were the same: two runs with one folder.
TEST(ComparisonPlanTest, BudgetsOfTheSameStepsAreOneRun) {
  std::string text = ConfigText(PlayableData());
  // Four chains of one episode or a single one of five: 80 or 100 tokens a step. Of the latter 1.6
  // steps see as much as two of the former.
  text.replace(text.find("[1, 8]"), 6, "[1, 5]");
  text.replace(text.find("steps: 6"), 8, "steps: 2");
  const ComparisonPlan plan = Plan(text);
  const ComparedRun& five = FindRun(plan.comparison, 1, 0, 0, Budget::kTokens);
  EXPECT_EQ(five.steps, 2);
  EXPECT_THAT(five.budgets, ElementsAre(Budget::kSteps, Budget::kTokens));
  std::set<std::string> folders;
  for (const ComparedRun& run : plan.comparison.runs) {
    EXPECT_TRUE(folders.insert(run.folder).second) << run.folder;
  }
}

std::set<int64_t> Histories(const EpisodeSet& set) {
  std::set<int64_t> histories;
  for (int64_t e = 0; e < set.episodes(); ++e) histories.insert(set.history(e));
  return histories;
}

// The first row said how to divide the data: a later one's histories were cut.
TEST(ComparisonPlanTest, NoRowsHistoriesAreCutByWhatIsKeptOut) {
  std::string text = ConfigText(PlayableData());
  text.replace(text.find("{chain.episodes: [1, 8]}"), 24,
               "{chain.episodes: [2], chain.source: [anywhere, history]}");
  text.replace(text.find("data: {"), 7, "data: {validation: 0.5, ");
  const ComparisonPlan plan = Plan(text);
  ASSERT_TRUE(plan.validation[0]);
  const std::set<int64_t> kept = Histories(*plan.validation[0]);
  EXPECT_EQ(kept.size(), 2U);
  for (const int64_t history : Histories(plan.data[0])) EXPECT_FALSE(kept.contains(history));
}

struct Killed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Everything but times: what a run learnt and what it earned.
void ExpectSameRuns(const Comparison& a, const std::string& folder_a, const Comparison& b,
                    const std::string& folder_b) {
  ASSERT_EQ(a.runs.size(), b.runs.size());
  for (size_t i = 0; i < a.runs.size(); ++i) {
    const std::string weights = "/" + a.runs[i].folder + "/checkpoints/step_" +
                                std::to_string(a.runs[i].steps) + "/weights.safetensors";
    EXPECT_TRUE(Bytes(folder_a + weights) == Bytes(folder_b + weights)) << weights;
    ASSERT_TRUE(a.runs[i].outcome && b.runs[i].outcome);
    EXPECT_EQ(a.runs[i].outcome->returns, b.runs[i].outcome->returns);
    EXPECT_EQ(a.runs[i].outcome->losses, b.runs[i].outcome->losses);
    EXPECT_EQ(a.runs[i].outcome->steps, b.runs[i].outcome->steps);
  }
}

TEST(ComparisonRunnerTest, AKilledComparisonGoesOnToTheResultsOfAnUninterruptedOne) {
  const std::string text = ConfigText(PlayableData());
  ComparisonPlan whole = Plan(text), killed = Plan(text);
  RunComparison(whole, TemporaryPath("whole"), {});
  // In the second run, past its first checkpoint.
  int rows = 0;
  EXPECT_THROW(RunComparison(killed, TemporaryPath("killed"),
                             {.on_change = {},
                              .on_training =
                                  [&](const TrainingProgress& progress) {
                                    rows += progress.step % 2 == 0 ? 1 : 0;
                                    if (rows == 5) throw Killed("killed");
                                  }}),
               Killed);
  ComparisonPlan resumed = Plan(text);
  const std::vector<RunState> states = StatesOf(resumed, TemporaryPath("killed"));
  EXPECT_EQ(states[0], RunState::kDone);
  EXPECT_EQ(states[1], RunState::kStarted);
  EXPECT_EQ(states[2], RunState::kNew);
  int64_t trained = 0;
  RunComparison(resumed, TemporaryPath("killed"),
                {.on_change = {}, .on_training = [&](const TrainingProgress& progress) {
                   if (trained == 0) {
                     EXPECT_EQ(progress.first, 2);  // not from the start
                   }
                   ++trained;
                 }});
  ExpectSameRuns(whole.comparison, TemporaryPath("whole"), resumed.comparison,
                 TemporaryPath("killed"));
  EXPECT_THAT(StatesOf(resumed, TemporaryPath("killed")), Each(RunState::kDone));
}

TEST(ComparisonRunnerTest, WhatWasTrainedBeforeIsPlayedToTheSameResults) {
  const std::string text = ConfigText(PlayableData());
  ComparisonPlan whole = Plan(text), parted = Plan(text);
  RunComparison(whole, TemporaryPath("at_once"), {});
  TrainComparison(parted, TemporaryPath("parted"));
  EXPECT_THAT(StatesOf(parted, TemporaryPath("parted")), Each(RunState::kTrained));
  // Playing needs no more than weights: what training would go on from may stay where it trained.
  for (const ComparedRun& run : parted.comparison.runs) {
    const std::string checkpoint = NewestCheckpoint(TemporaryPath("parted") + "/" + run.folder);
    EXPECT_TRUE(std::filesystem::remove(checkpoint + "/training.safetensors"));
  }
  RunComparison(parted, TemporaryPath("parted"),
                {.on_change = {}, .on_training = [](const TrainingProgress&) { FAIL(); }});
  ExpectSameRuns(whole.comparison, TemporaryPath("at_once"), parted.comparison,
                 TemporaryPath("parted"));
  for (size_t i = 0; i < parted.comparison.runs.size(); ++i) {
    EXPECT_EQ(parted.comparison.runs[i].outcome->parameters,
              whole.comparison.runs[i].outcome->parameters);
  }
}

TEST(ComparisonRunnerTest, FinishedRunsAreNeitherMadeAgainNorDeletedUnasked) {
  const std::string text = ConfigText(PlayableData()), out = TemporaryPath("again");
  ComparisonPlan first = Plan(text);
  RunComparison(first, out, {});
  const auto trained = [&](const std::string& config, AnotherRun another) {
    ComparisonPlan plan = Plan(config);
    int rows = 0;
    RunComparison(plan, out,
                  {.on_change = {}, .on_training = [&](const TrainingProgress&) { ++rows; }},
                  another);
    return rows;
  };
  EXPECT_EQ(trained(text, AnotherRun::kRefused), 0);
  const std::string changed = text + "chain: {boundary: carry}\n";
  const std::string weights =
      NewestCheckpoint(out + "/" + first.comparison.runs[0].folder) + "/weights.safetensors";
  const std::string before = Bytes(weights);
  try {
    trained(changed, AnotherRun::kRefused);
    FAIL() << "expected an error";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("chain.boundary: zeros, got carry"));
  }
  EXPECT_EQ(Bytes(weights), before);
  EXPECT_GT(trained(changed, AnotherRun::kReplaced), 0);
}

TEST(ComparisonRunnerTest, AnotherEvaluationPlaysTheFinishedPoliciesAgain) {
  const std::string text = ConfigText(PlayableData()), out = TemporaryPath("played");
  ComparisonPlan first = Plan(text);
  RunComparison(first, out, {});
  for (const char* evaluation :
       {"evaluate: {episodes: 2, seeds: 5}", "evaluate: {episodes: 3, seeds: 3}"}) {
    std::string other = text;
    other.replace(other.find("evaluate:"), other.find("compare:") - other.find("evaluate:"),
                  std::string(evaluation) + "\n");
    ComparisonPlan plan = Plan(other);
    EXPECT_THAT(StatesOf(plan, out), Each(RunState::kTrained));
    RunComparison(plan, out,
                  {.on_change = {}, .on_training = [](const TrainingProgress&) { FAIL(); }});
    EXPECT_EQ(plan.comparison.runs[0].outcome->returns.size(),
              static_cast<size_t>(plan.options[0].evaluate.seeds));
    // The first contexts are the same draws, to the rounding of larger batches: more seeds refine.
    if (plan.options[0].evaluate.episodes != 2) continue;
    for (size_t s = 0; s < 3; ++s) {
      const auto& more = plan.comparison.runs[0].outcome->returns[s];
      const auto& before = first.comparison.runs[0].outcome->returns[s];
      for (size_t e = 0; e < before.size(); ++e) EXPECT_NEAR(more[e], before[e], 1e-4);
    }
  }
}

TEST(ComparisonRunnerTest, ResultsAreReadBackWithoutTheConfiguration) {
  const std::string out = TemporaryPath("back");
  ComparisonPlan plan = Plan(ConfigText(PlayableData()));
  plan.comparison.command = "longplay compare small.yaml";
  RunComparison(plan, out, {});
  const Comparison back = LoadResults(out);
  EXPECT_EQ(ToJson(back), ToJson(plan.comparison));
  for (size_t i = 0; i < back.runs.size(); ++i) {
    ASSERT_TRUE(back.runs[i].outcome);
    EXPECT_EQ(ToJson(*back.runs[i].outcome), ToJson(*plan.comparison.runs[i].outcome));
    EXPECT_GT(back.runs[i].outcome->peak_bytes, 0);
    EXPECT_GT(back.runs[i].outcome->milliseconds_per_action, 0);
    EXPECT_EQ(back.runs[i].outcome->returns.size(), 3U);
  }
  EXPECT_THROW(LoadResults(TemporaryPath("nowhere")), std::runtime_error);
}

// A version with other keys has other hashes for the same configuration.
TEST(ComparisonRunnerTest, ResultsOfAVersionThatHashesOtherwiseAreReadBack) {
  const std::string out = TemporaryPath("older");
  ComparisonPlan plan = Plan(ConfigText(PlayableData()));
  RunComparison(plan, out, {});
  ComparedRun& run = plan.comparison.runs[0];
  const auto rewrite = [](const std::string& path, const std::string& from) {
    std::string text = Bytes(path);
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from)) {
      text.replace(at, from.size(), "as_it_was");
    }
    std::ofstream(path) << text;
  };
  rewrite(out + "/comparison.json", run.hashes.training);
  EXPECT_FALSE(LoadResults(out).runs[0].outcome);  // of another training, as far as one can tell
  rewrite(out + "/" + run.folder + "/result.json", run.hashes.training);
  EXPECT_TRUE(LoadResults(out).runs[0].outcome);
}

TEST(ComparisonRunnerTest, ARunThatAnotherProcessHasIsLeftToIt) {
  const std::string out = TemporaryPath("shared");
  ComparisonPlan mine = Plan(ConfigText(PlayableData()));
  ComparisonPlan theirs = Plan(ConfigText(PlayableData()));
  // A claim counts for every descriptor but its own, so this stands for another process.
  std::optional<RunClaim> claim = RunClaim::Try(out + "/claims/0");
  ASSERT_TRUE(claim);
  EXPECT_FALSE(RunClaim::Try(out + "/claims/0"));
  size_t rows = 0;
  RunComparison(mine, out, {.on_change = [&](const Comparison& comparison) {
                  const auto done = std::ranges::count_if(
                      comparison.runs,
                      [](const ComparedRun& run) { return run.outcome.has_value(); });
                  if (done + 1 != static_cast<int64_t>(comparison.runs.size()) || !claim) return;
                  EXPECT_FALSE(comparison.runs[0].outcome);  // all others were done first
                  claim.reset();                             // as if the other process had died
                  ++rows;
                }});
  EXPECT_EQ(rows, 1U);
  EXPECT_THAT(StatesOf(theirs, out), Each(RunState::kDone));
  size_t changes = 0;
  RunComparison(theirs, out, {.on_change = [&](const Comparison&) { ++changes; }});
  EXPECT_EQ(changes, 1U);  // nothing was left to do
}

TEST(ComparisonRunnerTest, ARunThatAnotherProcessTookOverIsLeftToItAndTheRestGoesOn) {
  const std::string out = TemporaryPath("taken");
  ComparisonPlan plan = Plan(ConfigText(PlayableData()));
  const std::string claim = ClaimFile(out + "/" + plan.comparison.runs[0].folder);
  bool taken = false;
  testing::internal::CaptureStderr();
  RunComparison(plan, out, {.on_change = {}, .on_training = [&](const TrainingProgress& progress) {
                              if (taken || progress.step != 2) return;
                              std::filesystem::remove(claim);
                              std::ofstream(claim) << "process 17 on another-machine";
                              taken = true;
                            }});
  EXPECT_THAT(
      testing::internal::GetCapturedStderr(),
      HasSubstr("expected no other process to write it, got process 17 on another-machine"));
  // That process is gone by now, or was never there: the run was made after all.
  EXPECT_THAT(StatesOf(plan, out), Each(RunState::kDone));
}

/// A lease that a machine left `seconds` ago, when it went.
void LeaveLease(const std::string& claim, int seconds) {
  const std::filesystem::path lease = claim + ".lease";
  std::filesystem::create_directories(lease.parent_path());
  std::ofstream(lease) << "process 17 on another-machine";
  std::filesystem::last_write_time(
      lease, std::filesystem::file_time_type::clock::now() - std::chrono::seconds(seconds));
}

// Its claims were renewed one after the other: that of the comparison counted no more while that of
// the run's folder still did, which ended whoever went on with the run.
TEST(ComparisonRunnerTest, ARunOfAMachineThatIsGoneIsTakenOver) {
  const std::string out = TemporaryPath("gone");
  ComparisonPlan plan = Plan(ConfigText(PlayableData()));
  LeaveLease(out + "/claims/0", 70);
  LeaveLease(ClaimFile(out + "/" + plan.comparison.runs[0].folder), 58);
  RunComparison(plan, out, {});
  EXPECT_THAT(StatesOf(plan, out), Each(RunState::kDone));
}

// The bar expected as many chains as there would have been episodes.
TEST(ComparisonRunnerTest, WithoutASimulatorTheBarCountsChains) {
  const std::string data = WriteSmallData();
  ComparisonPlan plan =
      Plan("data: {files: [" + data +
           "]}\n"
           "model: {layers: 1, width: 16, heads: 2}\n"
           "train: {steps: 2, tokens_per_step: 24, warmup_steps: 1}\n"
           "evaluate: {episodes: 2, seeds: 3}\n"
           "compare: {grid: {chain.episodes: [1]}, seeds: 1, budgets: [steps], held_out: " +
           data + "}\n");
  testing::internal::CaptureStderr();
  RunComparison(plan, TemporaryPath("predicted"), {});
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("100%  3/3 chains"));
}

}  // namespace
}  // namespace longplay
