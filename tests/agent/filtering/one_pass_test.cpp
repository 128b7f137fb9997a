// SPDX-License-Identifier: MIT
#include "agent/filtering/one_pass.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "agent/acting/make_environment.h"
#include "agent/acting/rollout.h"
#include "agent/acting/sequence_policy.h"
#include "agent/filtering/fog_episodes.h"
#include "agent/filtering/fog_score.h"
#include "tests/agent/filtering/fog_run.h"

namespace longplay {
namespace {

constexpr const char* kFog = "family/fog-v0?drift=1e-3";

/// The twin: the policy plays, and each of its decisions is noted. [B, M, A]
class NotedPolicy : public Policy {
 public:
  NotedPolicy(const LoadedPolicy& policy, const PolicyOptions& options,
              const std::vector<int64_t>& marks)
      : policy_(policy, options),
        marks_(marks),
        chains_(options.chains),
        noted(options.chains * marks.size() * kFogSize) {}

  void Act(const RolloutView& view, std::span<double> actions) override {
    policy_.Act(view, actions);
    ++step_;
    const auto at = std::ranges::find(marks_, step_);
    if (at == marks_.end()) return;
    const auto mark = static_cast<int64_t>(at - marks_.begin());
    const auto M = static_cast<int64_t>(marks_.size());
    for (int64_t i = 0; i < chains_; ++i) {
      std::copy_n(actions.begin() + i * kFogSize, kFogSize,
                  noted.begin() + (i * M + mark) * kFogSize);
    }
  }
  void Watch(const RolloutView&, std::span<const double>) override {}
  PolicyDescription description() const override { return policy_.description(); }
  int64_t context_bytes() const override { return policy_.context_bytes(); }

 private:
  SequencePolicy policy_;
  std::vector<int64_t> marks_;
  int64_t chains_, step_ = 0;

 public:
  std::vector<double> noted;
};

/// Largest difference between playing and one pass; `chains` episodes of `steps` steps.
double Difference(const LoadedPolicy& policy, int64_t chains, int64_t steps, int64_t window) {
  const std::vector<int64_t> marks = ContextLengths(steps);
  NotedPolicy played(
      policy,
      {.chains = chains, .target = 0, .window = window, .window_use = WindowUse::kRecomputed},
      marks);
  const std::unique_ptr<Environment> environment =
      MakeEnvironment(kFog, {.batch = chains, .max_episode_steps = steps});
  Rollout(*environment, played, {.episodes = 1, .seed = 1000});
  FogEpisodes episodes = DrawFogEpisodes(
      {.environment = kFog, .seed = 1000, .count = chains, .steps = steps}, policy.record, marks);
  const std::vector<double> actions = ActInOnePass(policy, episodes.rows, chains, marks, window);
  EXPECT_EQ(actions.size(), played.noted.size());
  double largest = 0, difference = 0;
  for (size_t i = 0; i < actions.size(); ++i) {
    largest = std::max(largest, std::abs(actions[i]));
    difference = std::max(difference, std::abs(actions[i] - played.noted[i]));
  }
  EXPECT_GT(largest, 0.1);  // of 5: there is something to compare
  return difference;
}

struct MixerCase {
  const char* name;
  void (*set)(ModelOptions& model);
  // Of actions of up to 5 in float32; measured: at most 4e-6.
  double tolerance = 4e-5;
};

void PrintTo(const MixerCase& mixer, std::ostream* out) { *out << mixer.name; }

class OnePassTest : public testing::TestWithParam<MixerCase> {
 protected:
  static LoadedPolicy Policy() {
    RunOptions options = FogRun(kFog);
    GetParam().set(options.model);
    return UntrainedFogPolicy(options);
  }
};

TEST_P(OnePassTest, TenThousandStepsAtOnceAreTenThousandSteps) {
  EXPECT_LT(Difference(Policy(), 1, 10000, 0), GetParam().tolerance);
}

// So what differs in float32 is rounding alone.
TEST_P(OnePassTest, InDoublePrecisionNothingDiffers) {
  LoadedPolicy policy = Policy();
  policy.network->to(torch::kFloat64);
  // Actions are float32 in the end; measured: 0.
  EXPECT_LT(Difference(policy, 1, 2000, 0), 1e-6);
}

TEST_P(OnePassTest, SeveralEpisodesAreEachAsAlone) {
  EXPECT_LT(Difference(Policy(), 3, 70, 0), GetParam().tolerance);
}

TEST_P(OnePassTest, AWindowIsThatOfPlaying) {
  EXPECT_LT(Difference(Policy(), 2, 60, 7), GetParam().tolerance);
  EXPECT_LT(Difference(Policy(), 1, 5, 7), GetParam().tolerance);
}

INSTANTIATE_TEST_SUITE_P(
    Mixers, OnePassTest,
    testing::Values(
        MixerCase{"attention", [](ModelOptions&) {}},
        MixerCase{"span", [](ModelOptions& model) { model.attention.span = 50; }},
        MixerCase{"mamba", [](ModelOptions& model) { model.mixer = MixerKind::kMamba; }},
        MixerCase{"mamba2",
                  [](ModelOptions& model) {
                    model.mixer = MixerKind::kMamba2;
                    model.mamba2.head_width = model.mamba2.state = 8;
                  }},
        MixerCase{"taipan",
                  [](ModelOptions& model) {
                    model.mixer = MixerKind::kTaipan;
                    model.taipan.period = 1;
                    model.taipan.span = 30;
                    model.mamba2.head_width = model.mamba2.state = 8;
                  }},
        MixerCase{"rwkv4",
                  [](ModelOptions& model) {
                    model.mixer = MixerKind::kRwkv;
                    model.rwkv.version = 4;
                  }},
        MixerCase{"rwkv7",
                  [](ModelOptions& model) {
                    model.mixer = MixerKind::kRwkv;
                    model.rwkv.head_width = 8;
                  }},
        MixerCase{"masformer",
                  [](ModelOptions& model) {
                    model.mixer = MixerKind::kMasFormer;
                    model.masformer.span = 40;
                  }},
        MixerCase{"recurrent_memory",
                  [](ModelOptions& model) {
                    model.mixer = MixerKind::kRecurrentMemory;
                    model.memory.segment = 64;
                  }},
        // Its slots are sums over the whole context; measured: 4e-4.
        MixerCase{"memsizer", [](ModelOptions& model) { model.mixer = MixerKind::kMemSizer; },
                  4e-3}),
    [](const testing::TestParamInfo<MixerCase>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace longplay
