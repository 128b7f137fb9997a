// SPDX-License-Identifier: MIT
#include "runtime/network/value_heads.h"

#include <algorithm>
#include <string>

#include "runtime/files/failure.h"
#include "runtime/longplay.h"
#include "runtime/mixers/rectify.h"

namespace longplay::runtime {

ActionValueHeads::ActionValueHeads(const PolicyFacts& facts, WeightLoader& weights)
    : D_(facts.width), A_(facts.action_size) {
  const StoredTensor* tensor = weights.Find("values.first_0.weight");
  if (tensor == nullptr || tensor->shape.size() != 2 || tensor->shape.front() < 1) {
    Fail(LONGPLAY_DAMAGED,
         "opening a policy: values.first_0.weight: expected a value head's weights, got none");
  }
  hidden_ = tensor->shape.front();
  // Small, and of any size: not rounded.
  WeightLoader exact = weights.Exact();
  const char* const names[] = {"values.first_", "values.second_"};
  for (size_t c = 0; c < critics_.size(); ++c) {
    const std::string name = names[c];
    critics_[c] = {exact.Linear(name + "0", D_ + A_, hidden_),
                   exact.Linear(name + "1", hidden_, hidden_),
                   exact.Linear(name + "2", hidden_, 1)};
  }
  Arena& arena = weights.arena();
  x_ = arena.Take<float>(kActionsAtOnce * (D_ + A_));
  first_ = arena.Take<float>(kActionsAtOnce * hidden_);
  second_ = arena.Take<float>(kActionsAtOnce * hidden_);
  values_ = arena.Take<float>(kActionsAtOnce);
}

void ActionValueHeads::Rate(const Kernels& kernels, const float* features, int64_t count,
                            float* values) const {
  for (int64_t i = 0; i < count; ++i) std::copy_n(features, D_, x_ + i * (D_ + A_));
  for (size_t c = 0; c < critics_.size(); ++c) {
    const CriticLayers& layers = critics_[c];
    kernels.map(layers[0], {x_, D_ + A_}, count, {first_, hidden_});
    Rectify(first_, count * hidden_);
    kernels.map(layers[1], {first_, hidden_}, count, {second_, hidden_});
    Rectify(second_, count * hidden_);
    kernels.map(layers[2], {second_, hidden_}, count, {values_, 1});
    for (int64_t i = 0; i < count; ++i) {
      values[i] = c == 0 ? values_[i] : std::min(values[i], values_[i]);
    }
  }
}

}  // namespace longplay::runtime
