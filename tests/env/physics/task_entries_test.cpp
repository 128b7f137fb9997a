// SPDX-License-Identifier: MIT
#include "env/physics/task_entries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "env/physics/model_files.h"
#include "env/task_arguments.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

/// Observes a slide's position as often as its argument says, and lets an episode last as long.
class Echo : public Task {
 public:
  explicit Echo(TaskArguments& arguments)
      : Task(LoadModelText(R"(<mujoco><worldbody><body>
          <joint name='x' type='slide'/><geom size='0.1'/></body></worldbody>
          <actuator><motor joint='x' ctrlrange='-2 3'/></actuator></mujoco>)",
                           "echo")),
        times_(arguments.Integer("times", 2)) {}
  int64_t observation_size(int64_t) const override { return times_; }
  int64_t max_episode_steps(int64_t listed) const override { return listed * times_; }
  void Initialize(const Simulation& s, RandomGenerator&) const override { s.data->qpos[0] = 0.5; }
  TaskStep Step(const Simulation&, std::span<const double>) const override { return {}; }
  void Observe(const Simulation& s, std::span<double> observation) const override {
    std::ranges::fill(observation, s.data->qpos[0]);
  }

 private:
  int times_;
};

class TaskEntriesTest : public MujocoTest {
 protected:
  std::unique_ptr<Environment> Make(std::map<std::string, std::string> given) const {
    TaskArguments arguments("echo-v0", std::move(given));
    EnvironmentSpec spec = entries_[0].spec;
    spec.id = "echo-v0?asked=for";
    return entries_[0].make(spec, arguments, {.batch = 2});
  }

  const std::vector<EnvironmentEntry> entries_ =
      EnvironmentEntries({{.id = "echo-v0",
                           .observation_size = 2,
                           .action_size = 1,
                           .max_episode_steps = 10,
                           .make = MakeWithArguments<Echo>}});
};

TEST_F(TaskEntriesTest, TheListHasTheTasksSizesWithoutBounds) {
  ASSERT_EQ(entries_.size(), 1u);
  const EnvironmentSpec& spec = entries_[0].spec;
  EXPECT_EQ(spec.id, "echo-v0");
  EXPECT_EQ(spec.observation_size, 2);
  EXPECT_EQ(spec.action_size, 1);
  EXPECT_EQ(spec.max_episode_steps, 10);
  EXPECT_EQ(spec.parameter_size, 0);
  EXPECT_TRUE(spec.action_low.empty());
  EXPECT_EQ(spec.action_space, ActionSpace::kContinuous);
}

TEST_F(TaskEntriesTest, AnEnvironmentHasTheIdThatWasAskedForAndTheModelsBounds) {
  const auto environment = Make({});
  EXPECT_EQ(environment->spec().id, "echo-v0?asked=for");
  EXPECT_EQ(environment->batch(), 2);
  EXPECT_THAT(environment->spec().action_low, testing::ElementsAre(-2));
  EXPECT_THAT(environment->spec().action_high, testing::ElementsAre(3));
  EXPECT_NE(environment->physics_states(), nullptr);
  EXPECT_EQ(environment->hidden_parameter(), nullptr);
}

TEST_F(TaskEntriesTest, ArgumentsChangeSizesAndLimit) {
  const auto environment = Make({{"times", "3"}});
  EXPECT_EQ(environment->spec().observation_size, 3);
  EXPECT_EQ(environment->spec().max_episode_steps, 30);
  environment->Reset(1, 1);
  EXPECT_THAT(environment->observation(1), testing::ElementsAre(0.5, 0.5, 0.5));
}

}  // namespace
}  // namespace longplay
