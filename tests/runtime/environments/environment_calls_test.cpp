// SPDX-License-Identifier: MIT
// The C interface of environments beside the classes behind it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "env/list/list_environments.h"
#include "env/list/make_listed_environment.h"
#include "runtime/environments/longplay_environments.h"

namespace longplay {
namespace {

using testing::Each;
using testing::HasSubstr;

struct Closes {
  void operator()(longplay_environments* handle) const { longplay_environments_close(handle); }
};
using Environments = std::unique_ptr<longplay_environments, Closes>;

Environments Make(const std::string& id, int64_t batch, int64_t limit = 0) {
  longplay_environments_options options = longplay_environments_defaults();
  options.batch = batch;
  options.max_episode_steps = limit;
  options.threads = 2;
  longplay_environments* made = nullptr;
  EXPECT_EQ(longplay_environments_make(id.c_str(), &options, &made), LONGPLAY_ENVIRONMENTS_OK)
      << longplay_environments_error();
  return Environments(made);
}

/// Where B simulations' outcomes go.
struct Outcome {
  explicit Outcome(int64_t batch, int64_t size)
      : rewards(batch), terminated(batch), truncated(batch), observations(batch * size) {
    c = {.rewards = rewards.data(),
         .terminated = terminated.data(),
         .truncated = truncated.data(),
         .diverged = nullptr,
         .observations = observations.data(),
         .observations_type = LONGPLAY_ENVIRONMENTS_FLOAT64};
  }
  std::vector<double> rewards;
  std::vector<uint8_t> terminated, truncated;
  std::vector<double> observations;
  longplay_environments_outcome c = {};
};

TEST(EnvironmentCallsTest, StepsAreThoseOfTheEnvironmentBehind) {
  for (const std::string id : {"Hopper-v5", "family/grid-goal-v0", "literature/cheetah-vel-v0"}) {
    const auto wanted =
        MakeListedEnvironment(id, {.batch = 3, .max_episode_steps = 5, .threads = 1});
    const Environments made = Make(id, 3, 5);
    const std::vector<uint64_t> seeds = {4, 5, 6};
    ASSERT_EQ(longplay_environments_start_chains(made.get(), nullptr, seeds.data(), 3), 0);
    ASSERT_EQ(longplay_environments_reset(made.get(), nullptr, seeds.data(), 3), 0);
    for (int64_t i = 0; i < 3; ++i) {
      wanted->StartChain(i, seeds[i]);
      wanted->Reset(i, seeds[i]);
    }
    const EnvironmentSpec& spec = wanted->spec();
    Outcome outcome(3, spec.observation_size);
    std::vector<double> actions(3 * spec.action_columns(), 1);
    std::vector<uint8_t> active = {1, 1, 1};
    for (int step = 0; step < 5; ++step) {
      active[1] = step == 2 ? 0 : 1;  // waits once
      if (step > 2) active[0] = 0;
      const auto& outcomes = wanted->Step(actions, active);
      ASSERT_EQ(
          longplay_environments_step(made.get(), actions.data(), LONGPLAY_ENVIRONMENTS_FLOAT64,
                                     active.data(), &outcome.c),
          0)
          << longplay_environments_error();
      for (int64_t i = 0; i < 3; ++i) {
        EXPECT_EQ(outcome.rewards[i], outcomes[i].reward);
        EXPECT_EQ(outcome.terminated[i] != 0, outcomes[i].terminated);
        EXPECT_EQ(outcome.truncated[i] != 0, outcomes[i].truncated);
        const auto seen = wanted->observation(i);
        for (int64_t k = 0; k < spec.observation_size; ++k) {
          EXPECT_EQ(outcome.observations[i * spec.observation_size + k], seen[k]);
        }
      }
    }
    EXPECT_EQ(outcome.truncated[2], 1) << id;
  }
}

TEST(EnvironmentCallsTest, ActionsOfAnyTypeAreTheSameNumbers) {
  const std::vector<uint64_t> seeds = {1};
  std::vector<std::vector<double>> seen;
  const float floats[] = {0.25F, -0.5F, 1};
  const double doubles[] = {0.25, -0.5, 1};
  for (const bool wide : {false, true}) {
    const Environments made = Make("Hopper-v5", 1);
    ASSERT_EQ(longplay_environments_reset(made.get(), nullptr, seeds.data(), 1), 0);
    Outcome outcome(1, 11);
    const void* actions = wide ? static_cast<const void*>(doubles) : floats;
    const int type = wide ? LONGPLAY_ENVIRONMENTS_FLOAT64 : LONGPLAY_ENVIRONMENTS_FLOAT32;
    ASSERT_EQ(longplay_environments_step(made.get(), actions, type, nullptr, &outcome.c), 0);
    seen.push_back(outcome.observations);
  }
  EXPECT_EQ(seen[0], seen[1]);
  // Choices.
  std::vector<double> rewards;
  const int64_t choice = 2;
  const double number = 2;
  for (const bool whole : {false, true}) {
    const Environments made = Make("family/grid-goal-v0", 1);
    ASSERT_EQ(longplay_environments_reset(made.get(), nullptr, seeds.data(), 1), 0);
    Outcome outcome(1, 2);
    ASSERT_EQ(longplay_environments_step(
                  made.get(), whole ? static_cast<const void*>(&choice) : &number,
                  whole ? LONGPLAY_ENVIRONMENTS_INT64 : LONGPLAY_ENVIRONMENTS_FLOAT64, nullptr,
                  &outcome.c),
              0);
    rewards.push_back(outcome.observations[0]);
    rewards.push_back(outcome.observations[1]);
  }
  EXPECT_EQ(rewards[0], rewards[2]);
  EXPECT_EQ(rewards[1], rewards[3]);
}

TEST(EnvironmentCallsTest, ObservationsAreGivenInFloat32Too) {
  const Environments made = Make("Hopper-v5", 2);
  const std::vector<uint64_t> seeds = {1, 2};
  ASSERT_EQ(longplay_environments_reset(made.get(), nullptr, seeds.data(), 2), 0);
  std::vector<double> wide(22);
  std::vector<float> narrow(22);
  ASSERT_EQ(longplay_environments_observe(made.get(), wide.data(), LONGPLAY_ENVIRONMENTS_FLOAT64),
            0);
  ASSERT_EQ(longplay_environments_observe(made.get(), narrow.data(), LONGPLAY_ENVIRONMENTS_FLOAT32),
            0);
  for (size_t k = 0; k < wide.size(); ++k) EXPECT_EQ(narrow[k], static_cast<float>(wide[k]));
}

TEST(EnvironmentCallsTest, PositionsAreSetAndRead) {
  const Environments made = Make("Hopper-v5", 2);
  const std::vector<uint64_t> seeds = {1, 2};
  ASSERT_EQ(longplay_environments_reset(made.get(), nullptr, seeds.data(), 2), 0);
  std::vector<double> positions(6), velocities(6), again(6), velocities_again(6);
  ASSERT_EQ(longplay_environments_get_positions(made.get(), 0, positions.data(), velocities.data()),
            0);
  EXPECT_NEAR(positions[1], 1.25, 0.01);  // [m] height of a hopper that stands
  ASSERT_EQ(
      longplay_environments_set_positions(made.get(), 1, positions.data(), velocities.data(), 0),
      0);
  ASSERT_EQ(
      longplay_environments_get_positions(made.get(), 1, again.data(), velocities_again.data()), 0);
  EXPECT_EQ(again, positions);
  EXPECT_EQ(velocities_again, velocities);
  // The same state and action, the same step.
  Outcome outcome(2, 11);
  const std::vector<double> actions(6, 0.5);
  ASSERT_EQ(longplay_environments_step(made.get(), actions.data(), LONGPLAY_ENVIRONMENTS_FLOAT64,
                                       nullptr, &outcome.c),
            0);
  EXPECT_NEAR(outcome.observations[0], outcome.observations[11], 1e-9);
}

TEST(EnvironmentCallsTest, SpecAndListAreJson) {
  const Environments made = Make("Hopper-v5", 2);
  const auto spec = nlohmann::json::parse(longplay_environments_spec(made.get()));
  EXPECT_EQ(spec.at("id"), "Hopper-v5");
  EXPECT_EQ(spec.at("observation_size"), 11);
  EXPECT_EQ(spec.at("action_low"), nlohmann::json({-1.0, -1.0, -1.0}));
  EXPECT_EQ(spec.at("batch"), 2);
  EXPECT_EQ(spec.at("position_size"), 6);
  const auto list = nlohmann::json::parse(longplay_environments_list());
  EXPECT_EQ(list.size(), ListEnvironments().size());
  EXPECT_EQ(longplay_environments_list(), longplay_environments_list());  // one text
}

TEST(EnvironmentCallsTest, HiddenParametersAreToldToOracles) {
  const Environments made = Make("literature/cheetah-vel-v0", 2);
  const std::vector<uint64_t> seeds = {1, 2};
  ASSERT_EQ(longplay_environments_start_chains(made.get(), nullptr, seeds.data(), 2), 0);
  double one = 0, other = 0;
  ASSERT_EQ(longplay_environments_parameter(made.get(), 0, &one), 0);
  ASSERT_EQ(longplay_environments_parameter(made.get(), 1, &other), 0);
  EXPECT_NE(one, other);
  const Environments open = Make("Hopper-v5", 1);
  EXPECT_EQ(longplay_environments_parameter(open.get(), 0, &one), LONGPLAY_ENVIRONMENTS_USAGE);
}

TEST(EnvironmentCallsTest, WhatIsWrongIsACodeAndOneLine) {
  longplay_environments* made = nullptr;
  EXPECT_EQ(longplay_environments_make("Hoper-v5", nullptr, &made), LONGPLAY_ENVIRONMENTS_USAGE);
  EXPECT_THAT(longplay_environments_error(), HasSubstr("Hopper-v5"));
  EXPECT_EQ(longplay_environments_make(nullptr, nullptr, &made), LONGPLAY_ENVIRONMENTS_USAGE);
  longplay_environments_options options = longplay_environments_defaults();
  options.size = 4000;
  EXPECT_EQ(longplay_environments_make("Hopper-v5", &options, &made), LONGPLAY_ENVIRONMENTS_USAGE);

  const Environments grid = Make("family/grid-goal-v0", 2, 1);
  const std::vector<uint64_t> seeds = {1, 2};
  const std::vector<int64_t> choices = {0, 99}, good = {0, 0}, simulations = {0, 2};
  Outcome outcome(2, 2);
  EXPECT_EQ(longplay_environments_reset(grid.get(), simulations.data(), seeds.data(), 2),
            LONGPLAY_ENVIRONMENTS_USAGE);
  EXPECT_EQ(longplay_environments_reset(grid.get(), nullptr, seeds.data(), 1),
            LONGPLAY_ENVIRONMENTS_USAGE);
  EXPECT_THAT(longplay_environments_error(), HasSubstr("count: expected 2, got 1"));
  ASSERT_EQ(longplay_environments_reset(grid.get(), nullptr, seeds.data(), 2), 0);
  const auto step = [&](const void* actions, int type) {
    return longplay_environments_step(grid.get(), actions, type, nullptr, &outcome.c);
  };
  EXPECT_EQ(step(choices.data(), LONGPLAY_ENVIRONMENTS_INT64), LONGPLAY_ENVIRONMENTS_USAGE);
  EXPECT_THAT(longplay_environments_error(), HasSubstr("expected a whole number from 0 to"));
  EXPECT_EQ(step(good.data(), 7), LONGPLAY_ENVIRONMENTS_USAGE);
  EXPECT_EQ(step(nullptr, LONGPLAY_ENVIRONMENTS_INT64), LONGPLAY_ENVIRONMENTS_USAGE);
  EXPECT_EQ(step(good.data(), LONGPLAY_ENVIRONMENTS_INT64), LONGPLAY_ENVIRONMENTS_OK);
  EXPECT_THAT(outcome.truncated, Each(1));
  EXPECT_EQ(step(good.data(), LONGPLAY_ENVIRONMENTS_INT64), LONGPLAY_ENVIRONMENTS_USAGE);  // over
  EXPECT_EQ(longplay_environments_get_positions(grid.get(), 0, outcome.rewards.data(),
                                                outcome.rewards.data()),
            LONGPLAY_ENVIRONMENTS_USAGE);
  EXPECT_THAT(longplay_environments_error(), HasSubstr("expected a task with a simulator"));
  longplay_environments_close(nullptr);
}

TEST(EnvironmentCallsTest, DifferentEnvironmentsAreUsedByDifferentThreads) {
  std::vector<std::vector<double>> seen(4);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&seen, i] {
      const Environments made = Make("HalfCheetah-v5", 3);
      const std::vector<uint64_t> seeds = {1, 2, 3};
      longplay_environments_reset(made.get(), nullptr, seeds.data(), 3);
      Outcome outcome(3, 17);
      const std::vector<double> actions(18, 0.3);
      for (int step = 0; step < 30; ++step) {
        longplay_environments_step(made.get(), actions.data(), LONGPLAY_ENVIRONMENTS_FLOAT64,
                                   nullptr, &outcome.c);
      }
      seen[i] = outcome.observations;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(seen, Each(seen[0]));
}

}  // namespace
}  // namespace longplay
