// SPDX-License-Identifier: MIT
#include "env/list/make_listed_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <stdexcept>

#include "env/list/list_environments.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class MakeListedEnvironmentTest : public MujocoTest {};

TEST_F(MakeListedEnvironmentTest, ListedSizesAreThoseOfTheTasks) {
  for (const EnvironmentSpec& listed : ListEnvironments()) {
    const std::unique_ptr<Environment> environment = MakeListedEnvironment(listed.id, {});
    const EnvironmentSpec& spec = environment->spec();
    EXPECT_EQ(spec.id, listed.id);
    EXPECT_EQ(spec.max_episode_steps, listed.max_episode_steps);
    const bool bounded = listed.action_space == ActionSpace::kContinuous;
    EXPECT_EQ(static_cast<int64_t>(spec.action_low.size()), bounded ? listed.action_size : 0);
    environment->Reset(0, 1);
    for (double x : environment->observation(0)) EXPECT_TRUE(std::isfinite(x)) << listed.id;
  }
}

TEST_F(MakeListedEnvironmentTest, UnknownIdNamesCloseOnes) {
  EXPECT_THAT([] { MakeListedEnvironment("Hoper-v5", {}); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("closest: Hopper-v5")));
}

TEST_F(MakeListedEnvironmentTest, BadOptionsAreRefused) {
  EXPECT_THROW(MakeListedEnvironment("Hopper-v5", {.batch = 0}), std::invalid_argument);
  EXPECT_THROW(MakeListedEnvironment("Hopper-v5", {.action_repeat = 0}), std::invalid_argument);
  EXPECT_THROW(MakeListedEnvironment("Hopper-v5", {.max_episode_steps = -1}),
               std::invalid_argument);
  EXPECT_THROW(MakeListedEnvironment("Hopper-v5", {.threads = -1}), std::invalid_argument);
}

TEST_F(MakeListedEnvironmentTest, MissingModelFilesAreNamed) {
  setenv("LONGPLAY_ASSETS", "/nowhere", 1);
  EXPECT_THAT([] { MakeListedEnvironment("Hopper-v5", {}); },
              ThrowsMessage<std::runtime_error>(HasSubstr("/nowhere/gymnasium")));
  unsetenv("LONGPLAY_ASSETS");
}

TEST_F(MakeListedEnvironmentTest, ArgumentsAreThoseOfTheOriginal) {
  const auto size = [](const std::string& id, std::map<std::string, std::string> arguments) {
    return MakeListedEnvironment(id, {.arguments = std::move(arguments)})->spec().observation_size;
  };
  EXPECT_EQ(size("Hopper-v5", {{"exclude_current_positions_from_observation", "false"}}), 12);
  EXPECT_EQ(size("Ant-v5", {{"include_cfrc_ext_in_observation", "false"}}), 27);
  EXPECT_EQ(size("Humanoid-v5", {{"include_cinert_in_observation", "false"}}), 348 - 130);
  // A hopper that may lie down.
  const std::unique_ptr<Environment> hopper = MakeListedEnvironment(
      "Hopper-v5",
      {.arguments = {
           {"terminate_when_unhealthy", "false"}, {"healthy_reward", "0"}, {"frame_skip", "8"}}});
  hopper->Reset(0, 1);
  for (int t = 0; t < 100; ++t) {
    EXPECT_FALSE(hopper->Step(RandomActions(*hopper, t), std::vector<uint8_t>{1})[0].over());
  }
}

TEST_F(MakeListedEnvironmentTest, WrongArgumentsAreNamed) {
  const auto make = [](const std::string& name, const std::string& value) {
    return [=] { MakeListedEnvironment("Hopper-v5", {.arguments = {{name, value}}}); };
  };
  EXPECT_THAT(make("healthy_reword", "1"),
              ThrowsMessage<std::invalid_argument>(HasSubstr("got healthy_reword")));
  EXPECT_THAT(make("healthy_z_range", "1"),
              ThrowsMessage<std::invalid_argument>(HasSubstr("healthy_z_range: expected two")));
  EXPECT_THAT(make("frame_skip", "0.5"),
              ThrowsMessage<std::invalid_argument>(HasSubstr("whole number")));
  EXPECT_THROW(make("frame_skip", "0")(), std::invalid_argument);
}

TEST_F(MakeListedEnvironmentTest, WrongArgumentsInAnIdAreNamed) {
  const auto message = [](const std::string& id) {
    try {
      const std::unique_ptr<Environment> environment = MakeListedEnvironment(id, {});
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(message("family/cue-recall-v0?distance=0"), HasSubstr("distance"));
  EXPECT_THAT(message("family/cue-recall-v0?length=3"), HasSubstr("length"));
  EXPECT_THAT(message("Hopper-v5?frame_skip"), HasSubstr("frame_skip"));
  EXPECT_THAT(message("Hoper-v5?frame_skip=2"), HasSubstr("Hopper-v5"));
  EXPECT_EQ(MakeListedEnvironment("Hopper-v5?frame_skip=2", {})->spec().id,
            "Hopper-v5?frame_skip=2");
}

}  // namespace
}  // namespace longplay
