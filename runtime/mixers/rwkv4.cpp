// SPDX-License-Identifier: MIT
#include <cmath>

#include "runtime/mixers/acting_mixer.h"

namespace longplay::runtime {
namespace {

/// Context: the last token [D], then the decayed sums of values and of weights and the largest
/// exponent, [D] each.
class ActingRwkv4 : public StateMixer {
 public:
  ActingRwkv4(const MixerParts& parts, WeightLoader& weights) : D_(parts.facts->width) {
    const std::string& prefix = parts.prefix;
    const auto map = [&](const char* name) {
      return weights.Map(prefix + name + ".weight", D_, D_, "");
    };
    const auto share = [&](const char* name) { return weights.Numbers(prefix + name, {1, 1, D_}); };
    key_ = map("key");
    value_ = map("value");
    receptance_ = map("receptance");
    output_ = map("output");
    key_share_ = share("time_mix_key");
    value_share_ = share("time_mix_value");
    receptance_share_ = share("time_mix_receptance");
    decay_ = weights.Turned(prefix + "time_decay", {D_}, D_, 1,
                            [](double log_rate) { return -std::exp(log_rate); });
    first_ = weights.Numbers(prefix + "time_first", {D_});
    numbers_ = 4 * D_;
    const int64_t R = parts.room.rows;
    mixed_key_ = plan_.Add(R * D_, 1, 2);
    mixed_value_ = plan_.Add(R * D_, 1, 3);
    mixed_receptance_ = plan_.Add(R * D_, 1, 4);
    keys_ = plan_.Add(R * D_, 2, 5);
    values_ = plan_.Add(R * D_, 3, 5);
    gates_ = plan_.Add(R * D_, 4, 5);
    read_ = plan_.Add(R * D_, 5, 6);
    PlaceTensors(parts, 1, 6, 6);
  }

  void Start(std::byte* context) const override {
    StateMixer::Start(context);
    float* const largest = reinterpret_cast<float*>(context) + 3 * D_;
    for (int64_t d = 0; d < D_; ++d) largest[d] = -1e38F;  // nothing seen: any weight is larger
  }

  void Run(const LayerCall& call) const override {
    const Kernels& kernels = *call.kernels;
    float* const keys = At(call, keys_);
    float* const values = At(call, values_);
    float* const gates = At(call, gates_);
    float* const read = At(call, read_);
    // Token shift: each map reads its own mix of the token before and the token.
    ForEachShifted(call, D_, [&](int64_t row, const float* before) {
      const float* const x = call.x + row * D_;
      kernels.mix(before, x, key_share_, D_, At(call, mixed_key_) + row * D_);
      kernels.mix(before, x, value_share_, D_, At(call, mixed_value_) + row * D_);
      kernels.mix(before, x, receptance_share_, D_, At(call, mixed_receptance_) + row * D_);
    });
    call.Map(key_, At(call, mixed_key_), D_, keys);
    call.Map(value_, At(call, mixed_value_), D_, values);
    call.Map(receptance_, At(call, mixed_receptance_), D_, gates);
    kernels.sigmoid(gates, call.rows * D_, gates);
    ForEachRow(call, [&](const TokenRun&, int64_t row, float* context) {
      kernels.decay({.width = D_,
                     .decay = decay_,
                     .first = first_,
                     .k = keys + row * D_,
                     .v = values + row * D_,
                     .sums = context + D_,
                     .weights = context + 2 * D_,
                     .largest = context + 3 * D_,
                     .y = read + row * D_});
    });
    for (int64_t i = 0; i < call.rows * D_; ++i) read[i] *= gates[i];
    call.Map(output_, read, D_, call.y);
  }

 private:
  int64_t D_;
  MapWeights key_, value_, receptance_, output_;
  const float *key_share_, *value_share_, *receptance_share_, *decay_, *first_;
  int mixed_key_, mixed_value_, mixed_receptance_, keys_, values_, gates_, read_;
};

}  // namespace

std::unique_ptr<ActingMixer> MakeActingRwkv4(const MixerParts& parts, WeightLoader& weights) {
  return std::make_unique<ActingRwkv4>(parts, weights);
}

}  // namespace longplay::runtime
