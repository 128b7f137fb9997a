// SPDX-License-Identifier: MIT
#include "env/plain/plain_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <stdexcept>
#include <vector>

namespace longplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// A counter that starts at a drawn number below 1000 and adds its action; it earns what it holds
/// above its start and ends from 5 above. The hidden parameter is a drawn number.
class Counter : public PlainTask {
 public:
  int64_t state_size() const override { return 2; }  // start, now
  void DrawParameter(ParameterSet set, RandomGenerator& random,
                     std::span<double> parameter) const override {
    parameter[0] = random.Uniform(0, 1) + (set == ParameterSet::kHeldOut ? 10 : 0);
  }
  void Initialize(const PlainSimulation& s, RandomGenerator& random) const override {
    s.state[0] = s.state[1] = static_cast<double>(random.Index(1000));
  }
  TaskStep Step(const PlainSimulation& s, std::span<const double> action) const override {
    s.state[1] += action[0];
    const double above = s.state[1] - s.state[0];
    return {.reward = above, .terminated = above >= 5};
  }
  void Observe(const PlainSimulation& s, std::span<double> observation) const override {
    observation[0] = s.state[1] - s.state[0];
  }
};

PlainEnvironment Make(const EnvironmentOptions& options) {
  return {{.id = "counter",
           .observation_size = 1,
           .action_size = 4,
           .max_episode_steps = 6,
           .parameter_size = 1,
           .action_space = ActionSpace::kDiscrete},
          std::make_unique<Counter>(),
          options};
}

const std::vector<uint8_t> kOne = {1};

TEST(PlainEnvironmentTest, RewardsOfARepeatedActionAddUpUntilTheEnd) {
  PlainEnvironment environment = Make({.action_repeat = 4});
  EXPECT_EQ(environment.spec().max_episode_steps, 2);  // 6 = 4 + 2
  environment.Reset(0, 1);
  StepOutcome outcome = environment.Step(std::vector<double>{1}, kOne)[0];
  EXPECT_EQ(outcome.reward, 1 + 2 + 3 + 4);
  EXPECT_FALSE(outcome.over());
  outcome = environment.Step(std::vector<double>{0}, kOne)[0];  // cut short after two
  EXPECT_EQ(outcome.reward, 4 + 4);
  EXPECT_TRUE(outcome.truncated && !outcome.terminated);
  environment.Reset(0, 2);
  outcome = environment.Step(std::vector<double>{3}, kOne)[0];  // 3, 6: it ends there
  EXPECT_EQ(outcome.reward, 3 + 6);
  EXPECT_TRUE(outcome.terminated && !outcome.truncated);
  EXPECT_THAT(environment.observation(0), ElementsAre(6));
}

TEST(PlainEnvironmentTest, SimulationsAreIndependentAndRepeatableBySeed) {
  PlainEnvironment many = Make({.batch = 3}), one = Make({});
  const std::vector<int64_t> all = {0, 1, 2};
  const std::vector<uint64_t> seeds = {4, 5, 6};
  for (int64_t i : all) many.StartChain(i, seeds[i]);
  many.Reset(all, seeds);
  one.StartChain(0, 5);
  one.Reset(0, 5);
  EXPECT_EQ(many.parameter(1)[0], one.parameter(0)[0]);
  EXPECT_NE(many.parameter(1)[0], many.parameter(2)[0]);
  const std::vector<double> actions = {1, 3, 2};
  const std::vector<uint8_t> active = {1, 1, 0};
  const std::vector<StepOutcome>& outcomes = many.Step(actions, active);
  EXPECT_EQ(outcomes[0].reward, 1);
  EXPECT_EQ(outcomes[1].reward, one.Step(std::vector<double>{3}, kOne)[0].reward);
  EXPECT_EQ(outcomes[2].reward, 0);  // it rests
  EXPECT_EQ(many.observation(2)[0], 0);
  EXPECT_EQ(many.observation(1)[0], 3);
}

TEST(PlainEnvironmentTest, ParametersComeFromTheSetThatIsAskedFor) {
  PlainEnvironment training = Make({}), held_out = Make({.parameters = ParameterSet::kHeldOut});
  training.StartChain(0, 3);
  held_out.StartChain(0, 3);
  EXPECT_LT(training.parameter(0)[0], 1);
  EXPECT_EQ(held_out.parameter(0)[0], training.parameter(0)[0] + 10);
}

TEST(PlainEnvironmentTest, HasNoFacetsButTheHiddenParameter) {
  PlainEnvironment environment = Make({});
  EXPECT_NE(environment.hidden_parameter(), nullptr);
  EXPECT_EQ(environment.physics_states(), nullptr);
  EXPECT_EQ(environment.state_rewards(), nullptr);
  EXPECT_EQ(environment.rendering(), nullptr);
  EXPECT_EQ(environment.MakeBareSimulations(), nullptr);
}

TEST(PlainEnvironmentTest, WrongStepsAreRefused) {
  PlainEnvironment environment = Make({.batch = 2});
  const std::vector<uint8_t> first = {1, 0};
  const auto step = [&](std::vector<double> actions) {
    return [&environment, &first, actions] { environment.Step(actions, first); };
  };
  EXPECT_THAT(step({0, 0}), ThrowsMessage<std::invalid_argument>(HasSubstr("call Reset")));
  environment.Reset(0, 1);
  EXPECT_THAT(step({0}), ThrowsMessage<std::invalid_argument>(HasSubstr("expected 2 and 2")));
  for (const double action : {-1.0, 4.0, 0.5, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THAT(step({action, 0}),
                ThrowsMessage<std::invalid_argument>(HasSubstr("a whole number from 0 to 3")));
  }
  environment.Step(std::vector<double>{3, 99}, first);  // who rests may hold anything
  EXPECT_THROW(environment.Reset(2, 1), std::invalid_argument);
  EXPECT_THROW(environment.observation(-1), std::invalid_argument);
}

}  // namespace
}  // namespace longplay
