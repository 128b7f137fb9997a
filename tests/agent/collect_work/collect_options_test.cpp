// SPDX-License-Identifier: MIT
#include "agent/collect_work/collect_options.h"

#include <gtest/gtest.h>

namespace longplay {
namespace {

TEST(CollectOptionsTest, TheCommandThatGoesOnNamesEveryOptionThatIsNotTheUsualOne) {
  EXPECT_EQ(ResumeCommand({.environment = "Hopper-v5", .steps = 10, .out = "a.hdf5"}),
            "longplay collect --env Hopper-v5 --steps 10 --out a.hdf5 --resume");
  EXPECT_EQ(ResumeCommand({.environment = "family/grid-goal-v0?size=3",
                           .steps = 10,
                           .out = "my 'data'",
                           .algorithm = CollectAlgorithm::kSoftActorCritic,
                           .learners = 2,
                           .action_repeat = 3,
                           .max_episode_steps = 4,
                           .episodes_per_history = 5,
                           .learning_steps = 6,
                           .existing = ExistingData::kReplace,
                           .seed = 7}),
            "longplay collect --env 'family/grid-goal-v0?size=3' --steps 10 --out "
            "'my '\\''data'\\''' --algorithm sac --learners 2 --action-repeat 3 "
            "--max-episode-steps 4 --episodes-per-history 5 --learning-steps 6 --seed 7 "
            "--overwrite --resume");
}

}  // namespace
}  // namespace longplay
