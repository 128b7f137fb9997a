// SPDX-License-Identifier: MIT
#include "agent/training/td3_bc_trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "agent/acting/make_policy.h"
#include "agent/files/safetensors.h"
#include "agent/runs/checkpoint.h"
#include "agent/training/train.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

RunOptions SmallTd3Bc(const std::string& data) {
  RunOptions options = SmallRun(data);
  options.train.method = Method::kTd3Bc;
  options.train.td3_bc.hidden = 16;
  options.train.td3_bc.batch = 32;
  return options;
}

std::string Bytes(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  EXPECT_FALSE(bytes.str().empty()) << path;
  return bytes.str();
}

void ExpectSameRun(const std::string& a, const std::string& b) {
  for (const char* file : {"weights.safetensors", "training.safetensors", "sampler.txt"}) {
    const std::string name = std::string("/checkpoints/step_8/") + file;
    EXPECT_TRUE(Bytes(a + name) == Bytes(b + name)) << file;
  }
}

std::string Refusal(const RunOptions& options, const TrajectorySet& set) {
  try {
    Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
  } catch (const std::exception& error) {
    return error.what();
  }
  return "trained";
}

TEST(Td3BcTrainerTest, AKilledAndResumedRunIsTheUninterruptedOne) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
  RunOptions options = SmallTd3Bc(set.info().path);
  Train(options, set, TemporaryPath("whole"), RunStart::kFresh, {});
  const std::string run = TemporaryPath("killed");
  EXPECT_THROW(Train(options, set, run, RunStart::kFresh,
                     [](const TrainingProgress& progress) {
                       if (progress.step == 6) throw std::runtime_error("killed");
                     }),
               std::runtime_error);
  EXPECT_EQ(Train(options, set, run, RunStart::kResume, {}).steps, 8);
  ExpectSameRun(TemporaryPath("whole"), run);
}

TEST(Td3BcTrainerTest, MetricsHaveThePolicysColumnsToo) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
  Train(SmallTd3Bc(set.info().path), set, TemporaryPath("run"), RunStart::kFresh, {});
  std::ifstream file(TemporaryPath("run") + "/metrics.csv");
  std::string header, row;
  std::getline(file, header);
  std::getline(file, row);
  EXPECT_THAT(header, testing::StartsWith("step,loss,"));
  EXPECT_THAT(header, testing::EndsWith(",actor_loss,cloning_loss,value"));
  EXPECT_EQ(std::ranges::count(header, ','), std::ranges::count(row, ','));
}

// Without the critics it is cloning: the small data's action is 0.8 times the first observation.
TEST(Td3BcTrainerTest, TheTrainedActorActsInTheDatasUnits) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
  RunOptions options = SmallTd3Bc(set.info().path);
  options.train.td3_bc.alpha = 0;
  options.train.td3_bc.learning_rate = 1e-2;
  options.train.steps = 1000;
  options.train.checkpoint_every = 1000;
  Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
  const std::unique_ptr<Policy> policy = MakePolicy(TemporaryPath("run"), {.chains = 3});
  EXPECT_EQ(policy->observation_size(), 2);
  EXPECT_EQ(policy->action_size(), 1);
  EXPECT_EQ(policy->best_return(), 11 * 0.125 * 6);
  const std::vector<double> seen = {-0.5, 3, 0.25, 1, 0.75, 2}, rewards = {0, 0, 0};
  const std::vector<uint8_t> starts = {1, 0, 1}, active = {1, 1, 1};
  std::vector<double> actions(3);
  policy->Act({.observations = seen, .rewards = rewards, .starts = starts, .active = active},
              actions);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(actions[i], 0.8 * seen[2 * i], 0.05);
}

TEST(Td3BcTrainerTest, ChangedWeightsAreFoundByTheProbe) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
  Train(SmallTd3Bc(set.info().path), set, TemporaryPath("run"), RunStart::kFresh, {});
  const std::string file = TemporaryPath("run") + "/checkpoints/step_8/weights.safetensors";
  TensorMap weights = ReadSafetensors(file);
  for (auto& [name, tensor] : weights) tensor = tensor + 0.5;
  WriteSafetensors(file, weights);
  EXPECT_THAT(
      [] { LoadPolicy(TemporaryPath("run"), torch::kCPU); },
      testing::ThrowsMessage<std::runtime_error>(HasSubstr("the output stored with the weights")));
}

TEST(Td3BcTrainerTest, WhatItCannotLearnFromIsRefusedInOneLine) {
  const std::string fixtures = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/";
  for (const auto& [file, problem] : {std::pair("d4rl_discrete.hdf5", "got discrete actions in"),
                                      std::pair("d4rl_no_rewards.hdf5", "got no rewards in")}) {
    const TrajectorySet set = TrajectorySet::Load({fixtures + file});
    EXPECT_THAT(
        Refusal(SmallTd3Bc(fixtures + file), set),
        HasSubstr(std::string("expected continuous actions and rewards for td3_bc, ") + problem));
  }
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
  RunOptions options = SmallTd3Bc(set.info().path);
  options.train.dtype = "bfloat16";
  EXPECT_THAT(Refusal(options, set), HasSubstr("expected float32 or float64 for td3_bc"));
}

TEST(Td3BcTrainerTest, LossesThatAreNotFiniteStopTrainingWithAMessage) {
  // Finite in the file's float64, infinite in the float32 that the critics see.
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData(1e300)});
  RunOptions options = SmallTd3Bc(set.info().path);
  options.train.max_bad_steps = 3;
  EXPECT_THAT(Refusal(options, set), HasSubstr("expected finite losses, got 3 in a row"));
}

TEST(Td3BcTrainerTest, DoublePrecisionTrainsAndActs) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
  RunOptions options = SmallTd3Bc(set.info().path);
  options.train.dtype = "float64";
  Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
  EXPECT_EQ(LoadPolicy(TemporaryPath("run"), torch::kCPU).actor->flat().scalar_type(),
            torch::kFloat64);
}

}  // namespace
}  // namespace longplay
