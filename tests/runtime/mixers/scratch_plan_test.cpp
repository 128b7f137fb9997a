// SPDX-License-Identifier: MIT
#include "runtime/mixers/scratch_plan.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "runtime/acting/open_policy.h"
#include "tests/runtime/played_chains.h"
#include "tests/runtime/small_policy.h"

namespace longplay {
namespace {

using runtime::ScratchPlan;

TEST(ScratchPlanTest, TensorsThatLiveTogetherLieApart) {
  std::mt19937_64 random(1);
  for (int trial = 0; trial < 200; ++trial) {
    struct Tensor {
      int64_t floats;
      int first, last;
    };
    std::vector<Tensor> tensors;
    ScratchPlan plan;
    for (int i = 0; i < 12; ++i) {
      const int first = static_cast<int>(random() % 8);
      tensors.push_back({16 * static_cast<int64_t>(1 + random() % 9), first,
                         first + static_cast<int>(random() % 3)});
      EXPECT_EQ(plan.Add(tensors.back().floats, first, tensors.back().last), i);
    }
    plan.Place();
    for (int i = 0; i < 12; ++i) {
      EXPECT_LE(plan.offset(i) + tensors[i].floats, plan.total());
      for (int j = 0; j < i; ++j) {
        if (tensors[i].last < tensors[j].first || tensors[j].last < tensors[i].first) continue;
        EXPECT_TRUE(plan.offset(i) + tensors[i].floats <= plan.offset(j) ||
                    plan.offset(j) + tensors[j].floats <= plan.offset(i));
      }
    }
    EXPECT_GE(plan.total(), plan.live());
    EXPECT_LE(plan.total(), plan.apart());
  }
}

TEST(ScratchPlanTest, MemoryIsReusedInTheOrderOfOperations) {
  // a ─► b ─► c ─► d: two live at once, so two places are enough.
  ScratchPlan plan;
  for (int i = 0; i < 4; ++i) plan.Add(160, i, i + 1);
  plan.Place();
  EXPECT_EQ(plan.total(), 320);
  EXPECT_EQ(plan.live(), 320);
  EXPECT_EQ(plan.apart(), 640);
}

/// Every mixer's plan is within a tenth of what no plan can be below.
TEST(ScratchPlanTest, MixersNeedLittleMoreThanWhatIsAlive) {
  for (const MixerKind mixer :
       {MixerKind::kAttention, MixerKind::kMamba, MixerKind::kMamba2, MixerKind::kTaipan,
        MixerKind::kRwkv, MixerKind::kRecurrentMemory, MixerKind::kMemSizer}) {
    for (const int64_t version : {4, 7}) {
      RunOptions options = SmallOptions();
      options.model.mixer = mixer;
      options.model.rwkv.version = version;
      options.model.attention.width = 64;
      options.model.feed_forward_width = 256;
      const SmallPolicy small = MakeSmallPolicy(options);
      const auto opened = runtime::OpenPolicy(small.folder, ActingDefaults(64));
      const runtime::ActingLayers& layers = opened->policy->engine()->layers();
      EXPECT_LE(layers.planned(), 1.1 * layers.live()) << static_cast<int>(mixer);
      EXPECT_LT(layers.planned(), 0.95 * layers.apart()) << static_cast<int>(mixer);
    }
  }
}

}  // namespace
}  // namespace longplay
