// SPDX-License-Identifier: MIT
#include "agent/training/start_from.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <filesystem>

#include "agent/runs/checkpoint.h"
#include "agent/training/train.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

std::string FreshRun(const std::string& name) {
  std::filesystem::remove_all(TemporaryPath(name));
  return TemporaryPath(name);
}

TEST(StartFromTest, TrainingGoesOnFromThePolicyWithItsModelAndUnits) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  const std::string first = FreshRun("first"), second = FreshRun("second");
  Train(SmallRun(set.info().path), set, first, RunStart::kFresh, {});
  const std::string other = WriteSmallData(0.25);  // other rewards: other units of returns
  RunOptions options = SmallRun(other);
  options.model = {};  // what the config says of the model gives way
  options.train.start_from = first;
  options.train.learning_rate = 0;
  Train(options, EpisodeSet::Load({other}), second, RunStart::kFresh, {});
  const LoadedPolicy a = LoadPolicy(first, torch::kCPU), b = LoadPolicy(second, torch::kCPU);
  const auto weights = a.network->named_parameters();
  for (const auto& item : b.network->named_parameters()) {
    EXPECT_TRUE(torch::equal(item.value(), weights[item.key()])) << item.key();
  }
  EXPECT_EQ(a.record.normalizer.return_scale, b.record.normalizer.return_scale);
  EXPECT_NE(a.record.data_hash, b.record.data_hash);
  EXPECT_NE(a.record.best_return, b.record.best_return);
  options.train.learning_rate = 1e-3;
  options.train.steps = 12;
  Train(options, EpisodeSet::Load({other}), second, RunStart::kResume, {});
  EXPECT_EQ(LoadPolicy(second, torch::kCPU).record.step, 12);
}

TEST(StartFromTest, WhatDoesNotFitIsRefused) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  const std::string first = FreshRun("first");
  Train(options, set, first, RunStart::kFresh, {});
  options.train.start_from = first;
  DatasetInfo data = set.info();
  data.observation_size = 5;
  const auto refusal = [&]() -> std::string {
    try {
      WithModelToStartFrom(options, data);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal(), HasSubstr("5 observations and 1 continuous actions"));
  data = set.info();
  data.has_rewards = false;
  EXPECT_THAT(refusal(), HasSubstr("a policy without tokens of rewards"));
  options.train.start_from = TemporaryPath("nowhere");
  EXPECT_THAT(refusal(), HasSubstr("nowhere: expected a run folder or checkpoint"));
  options.train.start_from = first;
  options.train.method = Method::kTd3Bc;
  EXPECT_THAT(refusal(), HasSubstr("expected a sequence model"));
}

}  // namespace
}  // namespace longplay
