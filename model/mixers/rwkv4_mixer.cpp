// SPDX-License-Identifier: MIT
#include "model/mixers/rwkv4_mixer.h"

#include <torch/nn/init.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "model/tensors/wide_type.h"
#include "model/wkv/rwkv_initialization.h"
#include "model/wkv/token_shift.h"

namespace longplay {

Rwkv4Mixer::Rwkv4Mixer(const ModelOptions& options, int64_t layer) {
  const int64_t D = options.attention.width;
  const LayerPlace place(options, layer);
  const auto share = ChannelShare(D);
  const auto add = [&](const char* name, const torch::Tensor& value) {
    return register_parameter(name, value.to(torch::kFloat32).contiguous());
  };
  // First values: decay from slow in the first channel to fast in the last, slower in upper layers.
  time_decay_ = add("time_decay", -5 + 8 * ChannelRamp(D).pow(0.7 + 1.3 * place.up));
  // The newest token's weight: log 0.3, and 0, 0.5, -0.5 in turn along the channels.
  const auto zigzag = ((torch::arange(D) + 1) % 3 - 1) * 0.5;
  time_first_ = add("time_first", zigzag + std::log(0.3));
  time_mix_key_ = add("time_mix_key", share.pow(place.down));
  time_mix_value_ = add("time_mix_value", share.pow(place.down) + 0.3 * place.up);
  time_mix_receptance_ = add("time_mix_receptance", share.pow(0.5 * place.down));
  // Zeros but for the value map: the branch starts with nothing to add.
  const auto map = [&](const char* name) {
    auto linear = register_module(
        name, torch::nn::Linear(torch::nn::LinearOptions(D, D).bias(/*bias=*/false)));
    torch::nn::init::zeros_(linear->weight);
    return linear;
  };
  key_ = map("key");
  value_ = map("value");
  receptance_ = map("receptance");
  output_ = map("output");
  torch::nn::init::orthogonal_(value_->weight);
}

Rwkv4State Rwkv4Mixer::Start(int64_t batch, const torch::TensorOptions& options) const {
  const int64_t D = time_decay_.size(0);
  const auto type = WideType(c10::typeMetaToScalarType(options.dtype()));
  const Wkv4State start = StartWkv4(batch, D, options.dtype(type));
  return {torch::zeros({batch, D}, options), start};
}

torch::Tensor Rwkv4Mixer::Run(const torch::Tensor& x, Rwkv4State& state, const Chunk& chunk,
                              HandedOn& /*handed*/) {
  // Token shift: each map reads its own mix of the token and the one before.
  const auto before = TokenBefore(x, state.last, chunk.starts);
  const auto mapped = [&](const torch::nn::Linear& linear, const torch::Tensor& mix) {
    const auto mixed = at::lerp(before, x, mix.to(x.scalar_type()));
    return at::linear(mixed, linear->weight.to(x.scalar_type()));
  };
  // wkv in the wide type; w = -exp(time_decay) is negative whatever is learnt.
  const auto type = WideType(x.scalar_type());
  const auto [y, last] = Wkv4({.w = -time_decay_.to(type).exp(),
                               .u = time_first_.to(type),
                               .k = mapped(key_, time_mix_key_).to(type),
                               .v = mapped(value_, time_mix_value_).to(type),
                               .starts = chunk.starts},
                              state.sums);
  // The receptance gates what was read.
  const auto receptance = mapped(receptance_, time_mix_receptance_).sigmoid();
  state = {LastToken(x), last};
  return at::linear(receptance * y.to(x.scalar_type()), output_->weight.to(x.scalar_type()));
}

std::vector<std::string> Rwkv4Mixer::WithoutDecay() const { return named_parameters().keys(); }

}  // namespace longplay
