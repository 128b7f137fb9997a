// SPDX-License-Identifier: MIT
#include "runtime/network/actor.h"

#include <algorithm>
#include <cmath>

#include "runtime/files/failure.h"
#include "runtime/longplay.h"
#include "runtime/mixers/rectify.h"

namespace longplay::runtime {

PerceptronActor::PerceptronActor(const PolicyFacts& facts, WeightLoader& weights) : facts_(facts) {
  int64_t in = facts.observation_size, widest = in;
  for (int layer = 0;; ++layer) {
    // Sizes are the tensors' own: [1, in, out], and [1, 1, out].
    const std::string name = "actor." + std::to_string(layer);
    const StoredTensor* weight = weights.Find(name + ".weight");
    if (weight == nullptr) break;
    const int64_t out = weight->shape.back();
    maps_.push_back(
        weights.Turned(name + ".weight", {1, in, out}, in, out, name + ".bias", {1, 1, out}));
    in = out;
    widest = std::max(widest, out);
  }
  if (maps_.empty() || in != facts.action_size) {
    Fail(LONGPLAY_DAMAGED, "opening a policy: actor: expected layers that end in " +
                               std::to_string(facts.action_size) + " actions");
  }
  x_ = weights.arena().Take<float>(widest);
  y_ = weights.arena().Take<float>(widest);
}

void PerceptronActor::Act(const Kernels& kernels, const double* observation, double* action) const {
  const UnitFacts& units = facts_.units;
  for (size_t o = 0; o < units.observation_mean.size(); ++o) {
    x_[o] =
        static_cast<float>((observation[o] - units.observation_mean[o]) / units.observation_std[o]);
  }
  float *x = x_, *y = y_;
  for (size_t layer = 0; layer < maps_.size(); ++layer) {
    const MapWeights& map = maps_[layer];
    kernels.map(map, {x, map.in}, 1, {y, map.out});
    if (layer + 1 < maps_.size()) Rectify(y, map.out);
    std::swap(x, y);
  }
  for (size_t a = 0; a < units.action_center.size(); ++a) {
    action[a] = units.action_center[a] + units.action_scale[a] * std::tanh(x[a]);
  }
}

}  // namespace longplay::runtime
