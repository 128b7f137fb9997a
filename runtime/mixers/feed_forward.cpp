// SPDX-License-Identifier: MIT
#include "runtime/mixers/acting_mixer.h"
#include "runtime/mixers/rectify.h"

namespace longplay::runtime {
namespace {

///   x ─► expand ─► activation ─► contract ─► y; SwiGLU: silu(gate(x)) × expand(x) ─► contract
class ActingFeedForward : public StateMixer {
 public:
  ActingFeedForward(const MixerParts& parts, WeightLoader& weights)
      : kind_(parts.layer->branch), D_(parts.facts->width), F_(parts.facts->hidden) {
    const bool gated = kind_ == ActingBranch::kSwiGlu;
    const auto map = [&](const char* name, int64_t in, int64_t out) {
      const std::string prefix = parts.prefix + name;
      return weights.Map(prefix + ".weight", in, out, gated ? "" : prefix + ".bias");
    };
    expand_ = map("expand", D_, F_);
    contract_ = map("contract", F_, D_);
    if (gated) gate_ = map("gate", D_, F_);
    hidden_ = plan_.Add(parts.room.rows * F_, 1, 3);
    if (gated) gates_ = plan_.Add(parts.room.rows * F_, 1, 2);
    PlaceTensors(parts, 1, 3, 3);
  }

  void Run(const LayerCall& call) const override {
    const Kernels& kernels = *call.kernels;
    float* const hidden = At(call, hidden_);
    const int64_t count = call.rows * F_;
    call.Map(expand_, call.x, D_, hidden);
    switch (kind_) {
      case ActingBranch::kSwiGlu:
        call.Map(gate_, call.x, D_, At(call, gates_));
        kernels.silu_times(At(call, gates_), hidden, count, hidden);
        break;
      case ActingBranch::kGelu:
        kernels.gelu(hidden, count, hidden);
        break;
      case ActingBranch::kGeluTanh:
        kernels.gelu_tanh(hidden, count, hidden);
        break;
      default:
        Rectify(hidden, count);
    }
    call.Map(contract_, hidden, F_, call.y);
  }

 private:
  ActingBranch kind_;
  int64_t D_, F_;
  MapWeights expand_, contract_, gate_;
  int hidden_ = 0, gates_ = 0;
};

/// RWKV's: a feed-forward that sees one token back. Its context is that token [D].
///
///   version 4:  sigmoid(receptance(x_r)) × value(relu(key(x_k))²)
///   version 7:  value(relu(key(x_k))²)
class ActingChannelMix : public StateMixer {
 public:
  ActingChannelMix(const MixerParts& parts, WeightLoader& weights)
      : gated_(parts.layer->mixer == ActingMixerKind::kRwkv4),
        D_(parts.facts->width),
        F_(parts.facts->hidden) {
    const auto map = [&](const char* name, int64_t in, int64_t out) {
      return weights.Map(parts.prefix + name + ".weight", in, out, "");
    };
    const auto share = [&](const char* name) {
      return weights.Numbers(parts.prefix + name, {1, 1, D_});
    };
    key_ = map("key", D_, F_);
    value_ = map("value", F_, D_);
    key_share_ = share(gated_ ? "time_mix_key" : "x_k");
    if (gated_) {
      receptance_ = map("receptance", D_, D_);
      gate_share_ = share("time_mix_receptance");
    }
    numbers_ = D_;
    const int64_t R = parts.room.rows;
    mixed_ = plan_.Add(R * D_, 1, 2);
    if (gated_) mixed_gate_ = plan_.Add(R * D_, 1, 4);
    hidden_ = plan_.Add(R * F_, 2, 3);
    if (gated_) gates_ = plan_.Add(R * D_, 4, 5);
    PlaceTensors(parts, 1, 3, 5);
  }

  void Run(const LayerCall& call) const override {
    const Kernels& kernels = *call.kernels;
    float* const mixed = At(call, mixed_);
    ForEachShifted(call, D_, [&](int64_t row, const float* before) {
      const float* const x = call.x + row * D_;
      // Version 4's share is the token's, version 7's that of the token before.
      if (gated_) {
        kernels.mix(before, x, key_share_, D_, mixed + row * D_);
        kernels.mix(before, x, gate_share_, D_, At(call, mixed_gate_) + row * D_);
      } else {
        kernels.mix(x, before, key_share_, D_, mixed + row * D_);
      }
    });
    float* const hidden = At(call, hidden_);
    call.Map(key_, mixed, D_, hidden);
    for (int64_t i = 0; i < call.rows * F_; ++i)
      hidden[i] = hidden[i] > 0 ? hidden[i] * hidden[i] : 0;
    call.Map(value_, hidden, F_, call.y);
    if (!gated_) return;
    float* const gates = At(call, gates_);
    call.Map(receptance_, At(call, mixed_gate_), D_, gates);
    kernels.sigmoid(gates, call.rows * D_, gates);
    for (int64_t i = 0; i < call.rows * D_; ++i) call.y[i] *= gates[i];
  }

 private:
  bool gated_;
  int64_t D_, F_;
  MapWeights key_, value_, receptance_;
  const float *key_share_ = nullptr, *gate_share_ = nullptr;
  int mixed_ = 0, mixed_gate_ = 0, hidden_ = 0, gates_ = 0;
};

}  // namespace

std::unique_ptr<ActingMixer> MakeActingFeedForward(const MixerParts& parts, WeightLoader& weights) {
  return std::make_unique<ActingFeedForward>(parts, weights);
}
std::unique_ptr<ActingMixer> MakeActingChannelMix(const MixerParts& parts, WeightLoader& weights) {
  return std::make_unique<ActingChannelMix>(parts, weights);
}

}  // namespace longplay::runtime
