// SPDX-License-Identifier: MIT
#include "agent/runs/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "agent/files/safetensors.h"
#include "agent/training/train.h"
#include "tests/agent/pendulum_run.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;

std::string TrainedRun() {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  Train(SmallRun(set.info().path), set, TemporaryPath("run"), RunStart::kFresh, {});
  return TemporaryPath("run");
}

std::string Refusal(const std::string& run) {
  try {
    LoadPolicy(run, torch::kCPU);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "loaded";
}

TEST(CheckpointTest, TheNewestCompleteOneIsTaken) {
  const std::string run = TrainedRun();
  EXPECT_TRUE(fs::exists(run + "/checkpoints/step_4"));
  fs::create_directories(run + "/checkpoints/step_12.partial");  // a kill while writing
  EXPECT_THAT(LoadPolicy(run, torch::kCPU).folder, EndsWith("/step_8"));
  EXPECT_THAT(LoadPolicy(run + "/checkpoints/step_4", torch::kCPU).record.step, 4);
}

TEST(CheckpointTest, RecordComesBackWhole) {
  const std::string run = TrainedRun();
  const PolicyRecord record = LoadPolicy(run, torch::kCPU).record;
  EXPECT_EQ(record.step, 8);
  EXPECT_EQ(record.best_return, 11 * 0.125 * 6);
  EXPECT_EQ(record.options.chain.episodes, 2);
  EXPECT_EQ(record.normalizer.observation_size(), 2);
  EXPECT_EQ(record.data_hash, EpisodeSet::Load({TemporaryPath("small_data")}).hash());
  // Chains of two of the twelve episodes of six steps.
  EXPECT_EQ(record.trained, (TrainedRange{.episodes = 2, .episode_steps = 6, .context_steps = 12}));
}

TEST(CheckpointTest, AnOlderRecordsTrainedRangeIsThatOfItsOptions) {
  const std::string folder = TrainedRun() + "/checkpoints/step_8";
  nlohmann::json json = nlohmann::json::parse(std::ifstream(folder + "/policy.json"));
  ASSERT_EQ(json.erase("trained"), 1U);
  std::ofstream(folder + "/policy.json") << json;
  // The places that the model has for steps, here as many as the data's longest episode has.
  EXPECT_EQ(LoadPolicy(folder, torch::kCPU).record.trained,
            (TrainedRange{.episodes = 2, .episode_steps = 6, .context_steps = 12}));
  RunOptions options = SmallRun("");
  options.model.max_episode_steps = 10;
  options.chain.window = 15;
  EXPECT_EQ(TrainedRangeOf(options),
            (TrainedRange{.episodes = 2, .episode_steps = 10, .context_steps = 15}));
}

TEST(CheckpointTest, ChangedWeightsAreFoundByTheProbe) {
  const std::string file = TrainedRun() + "/checkpoints/step_8/weights.safetensors";
  TensorMap weights = ReadSafetensors(file);
  for (auto& [name, tensor] : weights) tensor = tensor + 0.5;
  WriteSafetensors(file, weights);
  EXPECT_THAT(Refusal(TemporaryPath("run")), HasSubstr("the output stored with the weights"));
}

TEST(CheckpointTest, ANewerSchemaIsRefused) {
  const std::string file = TrainedRun() + "/checkpoints/step_8/policy.json";
  nlohmann::json json = nlohmann::json::parse(std::ifstream(file));
  json["schema"] = 999;
  std::ofstream(file) << json;
  EXPECT_THAT(Refusal(TemporaryPath("run")), HasSubstr("a newer longplay wrote it"));
}

TEST(CheckpointTest, MissingAndTruncatedFilesAreNamed) {
  const std::string run = TrainedRun();
  EXPECT_THAT(Refusal(TemporaryPath("nothing")), HasSubstr("expected a run folder or checkpoint"));
  const std::string weights = run + "/checkpoints/step_8/weights.safetensors";
  fs::resize_file(weights, fs::file_size(weights) / 2);
  EXPECT_THAT(Refusal(run), HasSubstr("weights.safetensors"));
  fs::remove(run + "/checkpoints/step_8/config.yaml");
  EXPECT_THAT(Refusal(run), HasSubstr("config.yaml: expected a file, got none"));
}

TEST(CheckpointTest, TheDataFilesReferenceReturnsComeBackAndMayBeMissing) {
  WritePendulumData();
  const std::string run = TrainPendulum("pendulum");
  const auto reference = LoadPolicy(run, torch::kCPU).record.reference;
  ASSERT_TRUE(reference.has_value());
  EXPECT_EQ(reference->zero, 2);
  EXPECT_EQ(reference->hundred, 12);
  const std::string file = run + "/checkpoints/step_8/policy.json";
  nlohmann::json json = nlohmann::json::parse(std::ifstream(file));
  json.erase("reference_returns");  // as checkpoints were before they had it
  std::ofstream(file) << json;
  EXPECT_FALSE(LoadPolicy(run, torch::kCPU).record.reference.has_value());
}

}  // namespace
}  // namespace longplay
