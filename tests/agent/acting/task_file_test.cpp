// SPDX-License-Identifier: MIT
#include "agent/acting/task_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/acting/make_environment.h"

namespace longplay {
namespace {

const std::string kCrawler = LONGPLAY_SOURCE_DIR "/configs/tasks/crawler.yaml";

constexpr const char* kSmallest =
    "model: robot.xml\n"
    "observation: [{quantity: qpos}]\n"
    "reward: [{quantity: one}]\n";

void ExpectRefused(const std::string& text, const std::string& message) {
  EXPECT_THAT([&] { ParseTask(text, "tasks/robot.yaml"); },
              testing::ThrowsMessage<std::invalid_argument>(
                  testing::HasSubstr("reading task: tasks/robot.yaml" + message)));
}

TEST(TaskFileTest, SmallestFileHasTheDefaults) {
  const UserTaskOptions task = ParseTask(kSmallest, "tasks/robot.yaml");
  EXPECT_EQ(task.model, "tasks/robot.xml");
  EXPECT_EQ(task.control_step, 0);
  EXPECT_EQ(task.max_episode_steps, 1000);
  ASSERT_EQ(task.observation.size(), 1u);
  EXPECT_EQ(task.observation[0].kind, QuantityKind::kPositions);
  EXPECT_EQ(task.observation[0].where, "tasks/robot.yaml:2: observation[0]");
  EXPECT_EQ(task.reward[0].weight, 1);
}

TEST(TaskFileTest, EveryKeyIsRead) {
  const UserTaskOptions task = ParseTask(
      "model: /robots/a.xml\n"
      "control_step: 0.04\n"
      "max_episode_steps: 7\n"
      "observation:\n"
      "  - {quantity: site_difference, name: hand, to: goal, axis: y, clip: 3}\n"
      "  - {quantity: qvel, from: 2}\n"
      "reward:\n"
      "  - {quantity: sensor, name: s, weight: -2, measure: tolerance, lower: -inf, upper: 4,\n"
      "     margin: 5, value_at_margin: 0, sigmoid: cosine}\n"
      "termination:\n"
      "  - {quantity: body_up, name: b, axis: z, below: 0.1, above: 0.9}\n"
      "start: {keyframe: k, position_noise: 0.3, velocity_noise: 0.4, velocity_distribution: "
      "normal}\n",
      "tasks/robot.yaml");
  EXPECT_EQ(task.model, "/robots/a.xml");
  EXPECT_EQ(task.control_step, 0.04);
  EXPECT_EQ(task.where_model, "tasks/robot.yaml:1: model");
  EXPECT_EQ(task.where_control_step, "tasks/robot.yaml:2: control_step");
  EXPECT_EQ(task.max_episode_steps, 7);
  const QuantityOptions& difference = task.observation[0];
  EXPECT_EQ(difference.kind, QuantityKind::kSiteDifference);
  EXPECT_EQ(difference.name + difference.to, "handgoal");
  EXPECT_EQ(difference.axis, 1);
  EXPECT_EQ(difference.clip, 3);
  EXPECT_EQ(task.observation[1].from, 2);
  const RewardTerm& term = task.reward[0];
  EXPECT_EQ(term.weight, -2);
  EXPECT_EQ(term.measure, RewardTerm::Measure::kTolerance);
  EXPECT_EQ(term.tolerance.lower, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(term.tolerance.upper, 4);
  EXPECT_EQ(term.tolerance.margin, 5);
  EXPECT_EQ(term.tolerance.value_at_margin, 0);
  EXPECT_EQ(term.tolerance.sigmoid, Sigmoid::kCosine);
  EXPECT_EQ(task.termination[0].lowest, 0.1);
  EXPECT_EQ(task.termination[0].highest, 0.9);
  EXPECT_EQ(task.start.keyframe, "k");
  EXPECT_EQ(task.start.position_noise, 0.3);
  EXPECT_EQ(task.start.velocity_noise, 0.4);
  EXPECT_TRUE(task.start.normal_velocity);
}

TEST(TaskFileTest, ErrorsNameFileLineAndKey) {
  const std::string smallest = kSmallest;
  ExpectRefused(smallest + "reset: {}\n", ":4: reset: expected one of model, control_step");
  ExpectRefused(smallest + "model: b.xml\n", ":4: model: expected it once");
  ExpectRefused("model: a.xml\nreward: [{quantity: one}]\n",
                ":1: observation: expected a value, got none");
  ExpectRefused(smallest + "control_step: fast\n",
                ":4: control_step: expected a number from 0 to 3600, got \"fast\"");
  ExpectRefused(smallest + "max_episode_steps: 1.5\n", ":4: max_episode_steps: expected a whole");
  ExpectRefused(smallest + "termination:\n  - {quantity: qpos, axis: w}\n",
                ":5: termination[0].axis: expected one of x, y, z, got \"w\"");
  ExpectRefused(smallest + "termination:\n  - quantity: speed\n",
                ":5: termination[0].quantity: expected one of one, qpos");
  ExpectRefused(smallest + "termination: [{below: 2}]\n",
                ":4: termination[0].quantity: expected a value, got none");
  ExpectRefused(smallest + "termination: 3\n", ":4: termination: expected a list");
  ExpectRefused(smallest + "start: [1]\n", ":4: start: expected keys with values, got a list");
  ExpectRefused(
      "model: a.xml\nobservation: [{quantity: qpos}]\nreward:\n"
      "  - {quantity: one, measure: tolerance, value_at_margin: 0}\n",
      ":4: reward[0].value_at_margin: expected more than 0 with this sigmoid");
  ExpectRefused("model: [\n", ":2: expected YAML");
  ExpectRefused("- 1\n", ":1: file: expected keys with values");
}

TEST(TaskFileTest, ShippedExampleIsAnEnvironment) {
  const std::unique_ptr<Environment> environment = MakeEnvironment(kCrawler, {.batch = 2});
  EXPECT_EQ(environment->spec().observation_size, 4 + 5 + 1);
  EXPECT_EQ(environment->spec().action_size, 2);
  EXPECT_EQ(environment->spec().max_episode_steps, 200);
  environment->Reset(0, 1);
  environment->Reset(1, 2);
  const std::vector<double> actions(4, 0.5);
  for (int t = 0; t < 200; ++t) {
    const auto& outcomes = environment->Step(actions, std::vector<uint8_t>{1, 1});
    EXPECT_FALSE(outcomes[0].diverged);
    EXPECT_EQ(outcomes[0].truncated, t == 199);
    if (outcomes[0].over() || outcomes[1].over()) break;
  }
}

TEST(TaskFileTest, MissingFileIsNamed) {
  EXPECT_THAT([] { MakeEnvironment("no/such.yaml", {}); },
              testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr(
                  "no/such.yaml: expected a task file, got none: there is no such file")));
}

}  // namespace
}  // namespace longplay
