// SPDX-License-Identifier: MIT
// Compares the tasks of literature/ with plays of another making: numpy and the mujoco package
// (tests/env/fixtures/make_literature_fixtures.py).
#include "env/literature/literature_tasks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <vector>

#include "env/environment.h"
#include "env/list/list_environments.h"
#include "env/list/make_listed_environment.h"
#include "tests/env/fixture_file.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

// The promise. Masses of another making differ by a last bit, which 20 steps magnify to 1e-8 at most.
constexpr double kRollOutTolerance = 1e-6;
constexpr size_t kFree = 20;  // steps in a row without looking at the recorded state

const std::string kPlays = LONGPLAY_SOURCE_DIR "/tests/env/fixtures/literature/";

class LiteraturePlayTest : public MujocoTest, public testing::WithParamInterface<std::string> {};

double LargestDifference(std::span<const double> a, std::span<const double> b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (size_t k = 0; k < std::min(a.size(), b.size()); ++k) {
    largest = std::max(largest, std::abs(a[k] - b[k]));
  }
  return largest;
}

TEST_P(LiteraturePlayTest, ARollOutOfGivenActionsEqualsAnIndependentPlay) {
  const FixtureFile file(kPlays + GetParam() + ".hdf5");
  const auto environment = MakeListedEnvironment(file.Text("env_id"), {});
  const auto actions = file.Read<double>("actions"), rewards = file.Read<double>("rewards");
  const auto observations = file.Read<double>("observations");
  const auto ends = file.Read<int64_t>("ends");
  const size_t steps = rewards.size();
  const size_t O = observations.size() / (steps + 1), A = actions.size() / steps;

  environment->StartChain(0, 7);
  environment->Reset(0, 7);
  EXPECT_LT(LargestDifference(environment->hidden_parameter()->parameter(0),
                              file.Read<double>("parameter")),
            1e-8);
  PhysicsStates* physics = environment->physics_states();
  std::vector<double> qpos, qvel;
  if (physics != nullptr) {
    qpos = file.Read<double>("qpos");
    qvel = file.Read<double>("qvel");
  } else {
    EXPECT_EQ(LargestDifference(environment->observation(0), std::span(observations).first(O)), 0);
  }
  double observation_error = 0, reward_error = 0;
  for (size_t t = 0; t < steps; ++t) {
    // Reset has written the hidden dynamics; positions and velocities are the recorded ones.
    if (physics != nullptr && t % kFree == 0) {
      const auto row = [&](std::span<const double> all, int64_t size) {
        return all.subspan(t / kFree * size, size);
      };
      physics->SetPositions(0, row(qpos, physics->position_size()),
                            row(qvel, physics->velocity_size()), static_cast<int64_t>(t));
    }
    const auto outcome =
        environment->Step(std::span(actions).subspan(t * A, A), std::vector<uint8_t>{1})[0];
    reward_error = std::max(reward_error, std::abs(outcome.reward - rewards[t]));
    observation_error = std::max(
        observation_error, LargestDifference(environment->observation(0),
                                             std::span(observations).subspan((t + 1) * O, O)));
    ASSERT_EQ(outcome.terminated, ends[t] != 0) << "step " << t;
    ASSERT_FALSE(outcome.diverged) << "step " << t;
    ASSERT_EQ(outcome.truncated,
              t + 1 == static_cast<size_t>(environment->spec().max_episode_steps));
  }
  EXPECT_LT(observation_error, kRollOutTolerance);
  EXPECT_LT(reward_error, kRollOutTolerance);
  std::cout << GetParam() << ": observations " << observation_error << ", rewards " << reward_error
            << "\n";
}

std::vector<std::string> RecordedPlays() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kPlays)) {
    const std::string name = entry.path().stem().string();
    if (name != "lists" && name != "legacy_inertia") names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, LiteraturePlayTest, testing::ValuesIn(RecordedPlays()),
                         [](const auto& name) { return name.param; });

TEST(LiteratureTasksTest, EveryTaskHasAnIndependentPlayAndAWordOnItsList) {
  const std::vector<std::string> plays = RecordedPlays();
  for (const EnvironmentSpec& spec : ListEnvironments()) {
    if (!spec.id.starts_with("literature/")) {
      EXPECT_EQ(TasksOf(spec), spec.parameter_size > 0 ? "ours" : "") << spec.id;
      continue;
    }
    EXPECT_FALSE(TasksOf(spec).empty());
    if (spec.id.find("-oracle") != std::string::npos) continue;
    // "literature/point-robot-v0" has been played as point_robot_...
    std::string name = spec.id.substr(11, spec.id.size() - 11 - 3);
    std::ranges::replace(name, '-', '_');
    EXPECT_TRUE(std::ranges::any_of(plays, [&](const auto& play) {
      return play.starts_with(name);
    })) << spec.id;
  }
}

}  // namespace
}  // namespace longplay
