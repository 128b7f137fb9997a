// SPDX-License-Identifier: MIT
#include "agent/collect_work/learner_state.h"

#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

TEST(LearnerStateTest, WhatWasSavedIsLoaded) {
  const std::string path = TemporaryPath("state.safetensors");
  EXPECT_FALSE(LoadLearnerState(path));
  SaveLearnerState(path, {.rounds = 1,
                          .decisions = 2,
                          .recorded = 3,
                          .started = 4,
                          .updates_due = 0.5,
                          .random = 0xfedcba9876543210,
                          .journal_bytes = 6,
                          .running = {{.simulation = 3,
                                       .seed = 0xffffffffffffffff,
                                       .first_round = 8,
                                       .shares = {},  // it has just started
                                       .seen = {0.25, -1}},
                                      {.shares = {0.5F}, .seen = {1}}},
                          .learner = {{"actor", at::ones({2})}}});
  const auto state = LoadLearnerState(path);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->rounds, 1);
  EXPECT_EQ(state->decisions, 2);
  EXPECT_EQ(state->recorded, 3);
  EXPECT_EQ(state->started, 4);
  EXPECT_EQ(state->updates_due, 0.5);
  EXPECT_EQ(state->random, 0xfedcba9876543210);
  EXPECT_EQ(state->journal_bytes, 6);
  ASSERT_EQ(state->running.size(), 2U);
  EXPECT_EQ(state->running[0].simulation, 3);
  EXPECT_EQ(state->running[0].seed, 0xffffffffffffffff);
  EXPECT_EQ(state->running[0].first_round, 8);
  EXPECT_TRUE(state->running[0].shares.empty());
  EXPECT_EQ(state->running[0].seen, (std::vector<double>{0.25, -1}));
  EXPECT_EQ(state->running[1].shares, std::vector<float>{0.5F});
  ASSERT_EQ(state->learner.size(), 1U);
  EXPECT_TRUE(state->learner.at("actor").equal(at::ones({2})));
}

TEST(LearnerStateTest, ADamagedOneIsAnError) {
  const std::string path = TemporaryPath("state.safetensors");
  SaveLearnerState(path, {.learner = {{"actor", at::ones({2})}}});
  std::filesystem::resize_file(path, 20);
  EXPECT_THROW(LoadLearnerState(path), std::runtime_error);
}

}  // namespace
}  // namespace longplay
