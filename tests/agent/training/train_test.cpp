// SPDX-License-Identifier: MIT
#include "agent/training/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "agent/files/safetensors.h"
#include "agent/runs/checkpoint.h"
#include "agent/runs/run_folder.h"
#include "agent/training/fit_to_data.h"
#include "tests/agent/same_run.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

/// metrics.csv without the three columns that tell time.
std::string Metrics(const std::string& run) {
  std::ifstream file(run + "/metrics.csv");
  std::string kept, line;
  while (std::getline(file, line)) {
    std::istringstream row(line);
    std::string cell;
    for (int column = 0; std::getline(row, cell, ','); ++column) {
      if (column != 4 && column != 5 && column != 7) kept += cell + ",";
    }
    kept += "\n";
  }
  return kept;
}

void ExpectSameRun(const std::string& a, const std::string& b) {
  ExpectSameCheckpoint(a, b);
  EXPECT_EQ(Metrics(a), Metrics(b));
}

TEST(TrainTest, SameSeedGivesTheSameBytes) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  const RunOptions options = SmallRun(set.info().path);
  Train(options, set, TemporaryPath("a"), RunStart::kFresh, {});
  Train(options, set, TemporaryPath("b"), RunStart::kFresh, {});
  ExpectSameRun(TemporaryPath("a"), TemporaryPath("b"));
}

TEST(TrainTest, AKilledAndResumedRunIsTheUninterruptedOne) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  const RunOptions options = SmallRun(set.info().path);
  Train(options, set, TemporaryPath("whole"), RunStart::kFresh, {});
  const std::string run = TemporaryPath("killed");
  TrainUntilKilled(options, set, run);
  torch::manual_seed(99);  // whatever happened meanwhile
  const TrainingResult result = Train(options, set, run, RunStart::kResume, {});
  EXPECT_EQ(result.steps, 8);
  ExpectSameRun(TemporaryPath("whole"), run);
}

TensorMap WeightsAt(const std::string& run, int64_t step) {
  return ReadSafetensors(CheckpointFolder(run, step) + "/weights.safetensors");
}

// The same updates, and beside them d average + (1 - d) weights, d = min(0.5, (1 + t) / (10 + t)).
TEST(TrainTest, TheAverageFollowsTheWeights) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  options.train.checkpoint_every = 1;
  options.train.keep_checkpoints = 8;
  const std::string plain = TemporaryPath("plain"), averaged = TemporaryPath("averaged");
  Train(options, set, plain, RunStart::kFresh, {});
  options.train.average = 0.5;
  Train(options, set, averaged, RunStart::kFresh, {});
  TensorMap expected = WeightsAt(averaged, 1);
  for (int64_t t = 2; t <= 8; ++t) {
    const double d =
        std::min(0.5, (1.0 + static_cast<double>(t)) / (10.0 + static_cast<double>(t)));
    const TensorMap weights = WeightsAt(plain, t), got = WeightsAt(averaged, t);
    for (auto& [name, tensor] : expected) {
      tensor = d * tensor + (1 - d) * weights.at(name);
      EXPECT_LT((tensor - got.at(name)).abs().max().item<double>(), 1e-6) << name << " at " << t;
      EXPECT_TRUE(LoadTrainingState(CheckpointFolder(averaged, t))
                      .optimizer.at("trained." + name)
                      .equal(weights.at(name)));
    }
  }
  EXPECT_FALSE(
      WeightsAt(averaged, 8).at("head.weight").equal(WeightsAt(plain, 8).at("head.weight")));
}

TEST(TrainTest, AnAveragedRunGoesOnBitForBit) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  options.train.average = 0.9;
  Train(options, set, TemporaryPath("whole"), RunStart::kFresh, {});
  const std::string run = TemporaryPath("killed");
  TrainUntilKilled(options, set, run);
  Train(options, set, run, RunStart::kResume, {});
  ExpectSameRun(TemporaryPath("whole"), run);
}

// Passes save memory and change nothing but rounding.
TEST(TrainTest, PassesTrainTheSamePolicy) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  options.model.dropout = 0;
  options.train.dtype = "float64";
  const std::string one = TemporaryPath("one"), four = TemporaryPath("four");
  Train(options, set, one, RunStart::kFresh, {});
  options.train.tokens_per_pass = 12;
  Train(options, set, four, RunStart::kFresh, {});
  const TensorMap a = WeightsAt(one, 8), b = WeightsAt(four, 8);
  for (const auto& [name, tensor] : a) {
    EXPECT_LT((tensor - b.at(name)).abs().max().item<double>(), 1e-10) << name;
  }
}

// Such a step once left the loop before the log and the checkpoint.
TEST(TrainTest, ALastStepThatIsNotFiniteIsLoggedAndSaved) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  options.train.learning_rate = 1e38;  // the first step sends the weights out of float32
  options.train.warmup_steps = 0;
  options.train.clip_norm = 0;
  const std::string run = TemporaryPath("run");
  TrainingProgress last;
  const TrainingResult result = Train(options, set, run, RunStart::kFresh,
                                      [&](const TrainingProgress& progress) { last = progress; });
  EXPECT_EQ(result.steps, 8);
  EXPECT_EQ(last.step, 8);
  EXPECT_EQ(last.skipped, 7);
  EXPECT_TRUE(std::isnan(last.loss));  // of a row without a step that counts
  EXPECT_EQ(NewestCheckpoint(run), run + "/checkpoints/step_8");
}

TEST(TrainTest, MappedDataTrainTheSamePolicy) {
  const std::string data = WriteSmallData();
  const EpisodeSet set = EpisodeSet::Load({data});
  const EpisodeSet mapped = EpisodeSet::Load({data}, {.place = StepPlace::kMapped});
  EXPECT_TRUE(mapped.mapped());
  const RunOptions options = SmallRun(data);
  Train(options, set, TemporaryPath("memory"), RunStart::kFresh, {});
  Train(options, mapped, TemporaryPath("mapped"), RunStart::kFresh, {});
  ExpectSameRun(TemporaryPath("memory"), TemporaryPath("mapped"));
  std::filesystem::remove_all(data + ".packed");
}

// Chains of different lengths, side by side with padding or in one row without.
TEST(TrainTest, PackedChainsGiveTheLossesOfPaddedOnes) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  options.chain.window = 9;
  std::vector<double> padded, packed;
  for (std::vector<double>* losses : {&padded, &packed}) {
    options.chain.rows = losses == &padded ? ChainRows::kPadded : ChainRows::kPacked;
    Train(options, set, TemporaryPath("rows" + std::to_string(losses == &padded)), RunStart::kFresh,
          [&](const TrainingProgress& progress) { losses->push_back(progress.loss); });
  }
  ASSERT_EQ(padded.size(), packed.size());
  for (size_t k = 0; k < padded.size(); ++k) EXPECT_NEAR(packed[k], padded[k], 1e-5);
}

TEST(TrainTest, ANewRunDoesNotOverwriteAnOldOne) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  const RunOptions options = SmallRun(set.info().path);
  Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
  EXPECT_THROW(Train(options, set, TemporaryPath("run"), RunStart::kFresh, {}),
               std::invalid_argument);
}

TEST(TrainTest, OtherDataCannotBeResumed) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  const RunOptions options = SmallRun(set.info().path);
  Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
  const EpisodeSet other = EpisodeSet::Load({WriteSmallData(0.25)});
  EXPECT_THROW(Train(options, other, TemporaryPath("run"), RunStart::kResume, {}),
               std::invalid_argument);
}

TEST(TrainTest, LossFallsOnActionsThatFollowFromTheObservation) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  options.model.dropout = 0;
  options.train.steps = 150;
  options.train.learning_rate = 1e-2;
  double first = 0;
  const TrainingResult result =
      Train(options, set, TemporaryPath("run"), RunStart::kFresh, [&](const TrainingProgress& p) {
        if (p.step == 2) first = p.loss;
      });
  EXPECT_GT(first, 0.1);         // the actions' variance is 0.3
  EXPECT_LT(result.loss, 0.01);  // measured 0.001
}

TEST(TrainTest, WholeNumbersTrainACategoricalHead) {
  const std::string data = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/d4rl_discrete.hdf5";
  const EpisodeSet set = EpisodeSet::Load({data});
  RunOptions options = SmallRun(data);
  options.model.dropout = 0;
  options.train.steps = 100;
  options.train.learning_rate = 1e-2;
  const TrainingResult result = Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
  EXPECT_LT(result.loss, 0.7);  // eight steps are soon known by heart; guessing costs log 4 = 1.39
  const LoadedPolicy policy = LoadPolicy(TemporaryPath("run"), torch::kCPU);
  EXPECT_EQ(policy.record.options.model.head, ActionHead::kCategorical);
}

TEST(TrainTest, WithoutRewardsItIsBehaviourCloningAndSaysSo) {
  const std::string data = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/d4rl_no_rewards.hdf5";
  const EpisodeSet set = EpisodeSet::Load({data});
  const std::vector<std::string> notes = DataNotes(SmallRun(data), set);
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_THAT(notes[0], HasSubstr("behaviour cloning"));
  const TokenOptions tokens = FitToData(SmallRun(data), set).model.tokens;
  EXPECT_FALSE(tokens.use_return || tokens.use_reward || tokens.use_completion);
  EXPECT_TRUE(tokens.use_observation && tokens.use_action);
  Train(SmallRun(data), set, TemporaryPath("run"), RunStart::kFresh, {});
}

TEST(TrainTest, AWindowThatCutsNoChainIsNoted) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  const int64_t longest = options.chain.episodes * set.longest();
  options.chain.window = longest;
  const size_t without = DataNotes(options, set).size();
  options.chain.window = longest + 1;
  const std::vector<std::string> notes = DataNotes(options, set);
  ASSERT_THAT(notes, SizeIs(without + 1));
  EXPECT_THAT(notes, testing::Contains(HasSubstr(
                         "chain.window: " + std::to_string(longest + 1) + " steps cut no chain, " +
                         "those of " + set.info().path + " have at most " +
                         std::to_string(longest) + ": training sees whole chains")));
}

TEST(TrainTest, LossesThatAreNotFiniteStopTrainingWithAMessage) {
  // Finite in the file, infinite in the float32 that the network sees.
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData(0.125, true)});
  RunOptions options = SmallRun(set.info().path);
  options.train.max_bad_steps = 3;
  try {
    Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
    FAIL() << "expected an error";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("expected finite losses, got 3 in a row"));
  }
}

}  // namespace
}  // namespace longplay
