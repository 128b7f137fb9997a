// SPDX-License-Identifier: MIT
#include "runtime/network/token_maker.h"

#include <algorithm>

namespace longplay::runtime {
namespace {

constexpr float kTokenNormEpsilon = 1e-5F;  // of the source, whatever the layers' is

/// A table of learned vectors; null where the policy has none.
const float* TakeTable(WeightLoader& weights, const char* name, int64_t D, int64_t* rows) {
  const StoredTensor* table = weights.Find(name);
  if (table == nullptr) return nullptr;
  *rows = table->shape.front();
  return weights.Numbers(name, {*rows, D});
}

}  // namespace

TokenMaker::TokenMaker(const PolicyFacts& facts, WeightLoader& weights)
    : layout_{facts.action_size, facts.observation_size},
      D_(facts.width),
      tokens_per_step_(facts.tokens_per_step()),
      previous_tokens_(facts.previous_tokens()),
      interleaved_(facts.interleaved) {
  // Small maps, whose numbers are of any size: not rounded.
  WeightLoader exact = weights.Exact();
  const auto add = [&](bool used, const char* name, int64_t in, int64_t place) {
    if (used) kinds_[kind_count_++] = {exact.Linear(std::string("tokens.") + name, in, D_), place};
  };
  // The order of the stream, cut in front of an action: the step before, then this one.
  add(facts.use_action, "action", facts.action_size, layout_.action());
  add(facts.use_reward, "reward", 1, layout_.reward());
  add(facts.use_completion, "completion", 1, layout_.completion());
  add(facts.use_return, "return", 1, layout_.to_go());
  add(facts.use_observation, "observation", facts.observation_size, layout_.observation());
  steps_ = TakeTable(weights, "tokens.step.weight", D_, &step_rows_);
  episodes_ = TakeTable(weights, "tokens.episode.weight", D_, &episode_rows_);
  if (facts.normalises_tokens) {
    norm_ = weights.Numbers("tokens.norm.weight", {D_});
    norm_bias_ = weights.Numbers("tokens.norm.bias", {D_});
    offset_ = weights.Numbers("tokens.offset", {D_});
  }
}

/// Later steps and episodes share the last row; the place before a first step is the first one.
void TokenMaker::AddPlace(const int64_t* place, bool of_step_before, float* token) const {
  const auto add = [&](const float* table, int64_t row, int64_t rows) {
    if (table == nullptr) return;
    const float* from = table + std::clamp<int64_t>(row, 0, rows - 1) * D_;
    for (int64_t d = 0; d < D_; ++d) token[d] += from[d];
  };
  add(steps_, place[0] - (of_step_before ? 1 : 0), step_rows_);
  add(episodes_, place[1], episode_rows_);
}

void TokenMaker::Make(const Kernels& kernels, const StepStore& steps, int64_t count, float* tokens,
                      float* work) const {
  const int64_t stride = layout_.stride(), k = tokens_per_step_;
  for (int j = 0; j < kind_count_; ++j) {
    const ConstRows from{steps.numbers + kinds_[j].place, stride};
    // Interleaved: kinds side by side in each step. Merged: one sum.
    if (interleaved_) {
      kernels.map(kinds_[j].map, from, count, {tokens + j * D_, k * D_});
    } else if (j == 0) {
      kernels.map(kinds_[j].map, from, count, {tokens, D_});
    } else {
      kernels.map(kinds_[j].map, from, count, {work, D_});
      for (int64_t i = 0; i < count * D_; ++i) tokens[i] += work[i];
    }
  }
  for (int64_t t = 0; t < count * k; ++t) {
    float* const token = tokens + t * D_;
    AddPlace(steps.places + t / k * 2, t % k < previous_tokens_, token);
    if (norm_ == nullptr) continue;
    kernels.norm(token, D_, norm_, norm_bias_, kTokenNormEpsilon, token);
    for (int64_t d = 0; d < D_; ++d) token[d] += offset_[d];
  }
}

}  // namespace longplay::runtime
