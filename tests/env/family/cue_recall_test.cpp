// SPDX-License-Identifier: MIT
// Answers and arguments; what is seen when is in families_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "env/list/make_listed_environment.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

class CueRecallTest : public MujocoTest {
 protected:
  // The last step of an episode in which every action is `answer` times the cue.
  static StepOutcome Answer(const std::string& id, uint64_t seed, double answer) {
    const std::unique_ptr<Environment> environment = MakeListedEnvironment(id, {});
    environment->Reset(0, seed);
    const std::vector<double> action = {answer * environment->observation(0)[0]};
    StepOutcome outcome;
    while (!outcome.over()) outcome = environment->Step(action, std::vector<uint8_t>{1})[0];
    return outcome;
  }
};

TEST_F(CueRecallTest, AnySizeOfTheRightSignIsRight) {
  for (uint64_t seed = 0; seed < 8; ++seed) {  // both cues
    EXPECT_EQ(Answer("family/cue-recall-v0", seed, 1).reward, 1);
    EXPECT_EQ(Answer("family/cue-recall-v0", seed, 1e-6).reward, 1);
  }
}

TEST_F(CueRecallTest, AWrongSignAndNoAnswerPayNothing) {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    const StepOutcome wrong = Answer("family/cue-recall-v0", seed, -1);
    EXPECT_EQ(wrong.reward, 0);
    EXPECT_TRUE(wrong.terminated);
    EXPECT_EQ(Answer("family/cue-recall-v0", seed, 0).reward, 0);
  }
}

TEST_F(CueRecallTest, AnEpisodeIsTwoLongerThanItsDistance) {
  const auto limit = [](const std::string& id) {
    return MakeListedEnvironment(id, {})->spec().max_episode_steps;
  };
  EXPECT_EQ(limit("family/cue-recall-v0"), 12);
  EXPECT_EQ(limit("family/cue-recall-v0?distance=1"), 3);
  EXPECT_EQ(limit("family/cue-recall-oracle-v0?distance=500"), 502);
}

TEST_F(CueRecallTest, TheOracleSeesTheCueWhenItMustAnswer) {
  const auto oracle = MakeListedEnvironment("family/cue-recall-oracle-v0?distance=2", {});
  oracle->Reset(0, 5);
  const double cue = oracle->observation(0)[0];
  const std::vector<double> action = {-cue};
  EXPECT_THAT(oracle->observation(0), testing::ElementsAre(cue, 0, 0));
  oracle->Step(action, std::vector<uint8_t>{1});
  EXPECT_THAT(oracle->observation(0), testing::ElementsAre(0, 0, 0));
  oracle->Step(action, std::vector<uint8_t>{1});
  EXPECT_THAT(oracle->observation(0), testing::ElementsAre(0, 1, cue));
}

TEST_F(CueRecallTest, ADistanceBelowOneIsRefused) {
  for (const char* distance : {"0", "-3"}) {
    EXPECT_THAT(
        [&] {
          MakeListedEnvironment(std::string("family/cue-recall-v0?distance=") + distance, {});
        },
        testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr(
            std::string("distance: expected at least 1 step, got ") + distance)));
  }
}

}  // namespace
}  // namespace longplay
