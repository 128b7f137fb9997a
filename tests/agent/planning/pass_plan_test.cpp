// SPDX-License-Identifier: MIT
#include "agent/planning/pass_plan.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "agent/training/fit_to_data.h"
#include "agent/training/make_learner.h"
#include "agent/training/train.h"
#include "tests/agent/same_run.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

class PassPlanTest : public testing::Test {
 protected:
  PassPlanTest() : set_(EpisodeSet::Load({WriteSmallData()})), options_(SmallRun("")) {
    options_.train.device = "cpu";
    options_.train.tokens_per_step = 96;  // eight chains of two episodes of six steps
    options_.train.threads = 2;
  }
  PassPlan Plan() const {
    const RunOptions fitted = FitToData(options_, set_);
    return PlanPasses(fitted, set_, *MakeLearner(fitted, set_).learner);
  }

  EpisodeSet set_;
  RunOptions options_;
};

TEST_F(PassPlanTest, ManyChainsAreTwoPassesForEachThread) {
  EXPECT_EQ(Plan().threads, 2);
  EXPECT_EQ(Plan().limits.chains, 2);
  EXPECT_EQ(Plan().limits.steps, 0);
  options_.train.threads = 5;  // eight chains do not make ten passes
  EXPECT_EQ(Plan().limits.chains, 2);
  // Passes that are side by side share what one may hold.
  options_.train.threads = 3;
  options_.train.tokens_per_pass = 36;
  EXPECT_EQ(Plan().limits.steps, 12);
}

TEST_F(PassPlanTest, OneThreadFewChainsAndActorsHaveOnePassAfterTheOther) {
  options_.train.threads = 1;
  EXPECT_EQ(Plan().threads, 0);
  options_.train.threads = 9;
  EXPECT_EQ(Plan().threads, 0);
  EXPECT_EQ(Plan().limits.chains, 0);
  options_.train.threads = 2;
  options_.train.method = Method::kTd3Bc;
  EXPECT_EQ(Plan().threads, 0);
}

// Sums are those of the plan: how many threads the machine has changes no byte.
TEST_F(PassPlanTest, ARunOfTwoThreadsIsTheSameOnOne) {
  Train(options_, set_, TemporaryPath("a"), RunStart::kFresh, {});
  const int before = at::get_num_threads();
  at::set_num_threads(before == 1 ? 2 : 1);
  Train(options_, set_, TemporaryPath("b"), RunStart::kFresh, {});
  at::set_num_threads(before);
  ExpectSameCheckpoint(TemporaryPath("a"), TemporaryPath("b"));
}

}  // namespace
}  // namespace longplay
