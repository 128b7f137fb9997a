// SPDX-License-Identifier: MIT
#include <cmath>

#include "runtime/mixers/acting_mixer.h"

namespace longplay::runtime {
namespace {

constexpr float kSlotNormEpsilon = 1e-5F;  // of LibTorch's LayerNorm, whatever the layers' is

/// y = q sums / sqrt(tokens), sums += k v^T. Context: the sums [slots, D] and the number of tokens.
class ActingMemSizer : public StateMixer {
 public:
  ActingMemSizer(const MixerParts& parts, WeightLoader& weights)
      : D_(parts.facts->width), H_(parts.facts->heads), slots_(parts.facts->slots) {
    const std::string& prefix = parts.prefix;
    query_ = weights.Linear(prefix + "query", D_, H_ * slots_);
    key_ = weights.Linear(prefix + "key", D_, slots_);
    value_ = weights.Linear(prefix + "value", D_, D_);
    const auto norm = [&](const char* name, int64_t width) {
      return weights.Numbers(prefix + name, {width});
    };
    key_norm_ = norm("key_norm.weight", slots_);
    key_norm_bias_ = norm("key_norm.bias", slots_);
    value_norm_ = norm("value_norm.weight", D_);
    value_norm_bias_ = norm("value_norm.bias", D_);
    numbers_ = slots_ * D_ + 1;
    const int64_t R = parts.room.rows;
    queries_ = plan_.Add(R * H_ * slots_, 1, 4);
    keys_ = plan_.Add(R * slots_, 2, 4);
    values_ = plan_.Add(R * D_, 3, 4);
    weights_ = plan_.Add(slots_, 4, 4);
    PlaceTensors(parts, 3, 4, 4);
  }

  void Run(const LayerCall& call) const override {
    const Kernels& kernels = *call.kernels;
    float* const queries = At(call, queries_);
    float* const keys = At(call, keys_);
    float* const values = At(call, values_);
    call.Map(query_, call.x, D_, queries);
    call.Map(key_, call.x, D_, keys);
    call.Map(value_, call.x, D_, values);
    ForEachRow(call, [&](const TokenRun&, int64_t row, float* context) {
      float *const key = keys + row * slots_, *const value = values + row * D_;
      kernels.norm(key, slots_, key_norm_, key_norm_bias_, kSlotNormEpsilon, key);
      kernels.norm(value, D_, value_norm_, value_norm_bias_, kSlotNormEpsilon, value);
      float* const weights = At(call, weights_);
      WeighSlots(kernels, queries + row * H_ * slots_, weights);
      kernels.slot_memory(key, value, weights, slots_, D_, context, call.y + row * D_);
      float& tokens = context[slots_ * D_];
      tokens += 1;
      const float factor = 1 / std::sqrt(tokens);
      for (int64_t d = 0; d < D_; ++d) call.y[row * D_ + d] *= factor;
    });
  }

 private:
  /// queries [H, slots] → the mean over heads of their softmax, [slots].
  void WeighSlots(const Kernels& kernels, float* queries, float* weights) const {
    std::memset(weights, 0, static_cast<size_t>(slots_) * sizeof(float));
    for (int64_t h = 0; h < H_; ++h, queries += slots_) {
      float largest = queries[0], sum = 0;
      for (int64_t s = 0; s < slots_; ++s) largest = std::fmax(largest, queries[s]);
      for (int64_t s = 0; s < slots_; ++s) queries[s] -= largest;
      kernels.exponential(queries, slots_, queries);
      for (int64_t s = 0; s < slots_; ++s) sum += queries[s];
      const float factor = 1 / (sum * static_cast<float>(H_));
      for (int64_t s = 0; s < slots_; ++s) weights[s] += queries[s] * factor;
    }
  }

  int64_t D_, H_, slots_;
  MapWeights query_, key_, value_;
  const float *key_norm_, *key_norm_bias_, *value_norm_, *value_norm_bias_;
  int queries_, keys_, values_, weights_;
};

}  // namespace

std::unique_ptr<ActingMixer> MakeActingMemSizer(const MixerParts& parts, WeightLoader& weights) {
  return std::make_unique<ActingMemSizer>(parts, weights);
}

}  // namespace longplay::runtime
