// SPDX-License-Identifier: MIT
#include "agent/training/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "agent/runs/checkpoint.h"
#include "agent/runs/run_folder.h"
#include "agent/training/fit_to_data.h"
#include "agent/training/train.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string Bytes(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  EXPECT_FALSE(bytes.str().empty()) << path;
  return bytes.str();
}

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
  for (const char* file : {"weights.safetensors", "training.safetensors", "sampler.txt"}) {
    const std::string name = std::string("/checkpoints/step_8/") + file;
    EXPECT_TRUE(Bytes(a + name) == Bytes(b + name)) << file;
  }
  EXPECT_EQ(Metrics(a), Metrics(b));
}

TEST(TrainerTest, SameSeedGivesTheSameBytes) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
  const RunOptions options = SmallRun(set.info().path);
  Train(options, set, TemporaryPath("a"), RunStart::kFresh, {});
  Train(options, set, TemporaryPath("b"), RunStart::kFresh, {});
  ExpectSameRun(TemporaryPath("a"), TemporaryPath("b"));
}

TEST(TrainerTest, AKilledAndResumedRunIsTheUninterruptedOne) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
  const RunOptions options = SmallRun(set.info().path);
  Train(options, set, TemporaryPath("whole"), RunStart::kFresh, {});
  const std::string run = TemporaryPath("killed");
  // Past the checkpoint of step 4, so that rows and steps are left that must be done again.
  EXPECT_THROW(Train(options, set, run, RunStart::kFresh,
                     [](const TrainingProgress& progress) {
                       if (progress.step == 6) throw std::runtime_error("killed");
                     }),
               std::runtime_error);
  torch::manual_seed(99);  // whatever happened meanwhile
  const TrainingResult result = Train(options, set, run, RunStart::kResume, {});
  EXPECT_EQ(result.steps, 8);
  ExpectSameRun(TemporaryPath("whole"), run);
}

// Such a step once left the loop before the log and the checkpoint.
TEST(TrainerTest, ALastStepThatIsNotFiniteIsLoggedAndSaved) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
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

TEST(TrainerTest, MappedDataTrainTheSamePolicy) {
  const std::string data = WriteSmallData();
  const TrajectorySet set = TrajectorySet::Load({data});
  const TrajectorySet mapped = TrajectorySet::Load({data}, {.place = StepPlace::kMapped});
  EXPECT_TRUE(mapped.mapped());
  const RunOptions options = SmallRun(data);
  Train(options, set, TemporaryPath("memory"), RunStart::kFresh, {});
  Train(options, mapped, TemporaryPath("mapped"), RunStart::kFresh, {});
  ExpectSameRun(TemporaryPath("memory"), TemporaryPath("mapped"));
  std::filesystem::remove_all(data + ".packed");
}

// Chains of different lengths, side by side with padding or in one row without.
TEST(TrainerTest, PackedChainsGiveTheLossesOfPaddedOnes) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  options.model.dropout = 0;
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

TEST(TrainerTest, ANewRunDoesNotOverwriteAnOldOne) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
  const RunOptions options = SmallRun(set.info().path);
  Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
  EXPECT_THROW(Train(options, set, TemporaryPath("run"), RunStart::kFresh, {}),
               std::invalid_argument);
}

TEST(TrainerTest, OtherDataCannotBeResumed) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
  const RunOptions options = SmallRun(set.info().path);
  Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
  const TrajectorySet other = TrajectorySet::Load({WriteSmallData(0.25)});
  EXPECT_THROW(Train(options, other, TemporaryPath("run"), RunStart::kResume, {}),
               std::invalid_argument);
}

TEST(TrainerTest, LossFallsOnActionsThatFollowFromTheObservation) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
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

TEST(TrainerTest, WholeNumbersTrainACategoricalHead) {
  const std::string data = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/d4rl_discrete.hdf5";
  const TrajectorySet set = TrajectorySet::Load({data});
  RunOptions options = SmallRun(data);
  options.model.dropout = 0;
  options.train.steps = 100;
  options.train.learning_rate = 1e-2;
  const TrainingResult result = Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
  EXPECT_LT(result.loss, 0.7);  // eight steps are soon known by heart; guessing costs log 4 = 1.39
  const LoadedPolicy policy = LoadPolicy(TemporaryPath("run"), torch::kCPU);
  EXPECT_EQ(policy.record.options.model.head, ActionHead::kCategorical);
}

TEST(TrainerTest, WithoutRewardsItIsBehaviourCloningAndSaysSo) {
  const std::string data = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/d4rl_no_rewards.hdf5";
  const TrajectorySet set = TrajectorySet::Load({data});
  ASSERT_THAT(DataNotes(set), SizeIs(1));
  EXPECT_THAT(DataNotes(set)[0], HasSubstr("behaviour cloning"));
  const TokenOptions tokens = FitToData(SmallRun(data), set).model.tokens;
  EXPECT_FALSE(tokens.use_return || tokens.use_reward || tokens.use_completion);
  EXPECT_TRUE(tokens.use_observation && tokens.use_action);
  Train(SmallRun(data), set, TemporaryPath("run"), RunStart::kFresh, {});
}

TEST(TrainerTest, LossesThatAreNotFiniteStopTrainingWithAMessage) {
  // Finite in the file's float64, infinite in the float32 that the network sees.
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData(1e300)});
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
