// SPDX-License-Identifier: MIT
#include "model/mixers/memsizer_mixer.h"

#include <torch/nn/init.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "model/tensors/cast_parameters.h"
#include "model/tensors/keyed_noise.h"
#include "model/tensors/wide_type.h"

namespace longplay {

MemSizerMixer::MemSizerMixer(const ModelOptions& options)
    : width_(options.attention.width),
      heads_(options.attention.heads),
      slots_(options.memsizer.slots),
      dropout_(options.attention.dropout) {
  TORCH_CHECK(slots_ > 0, "building MemSizer: slots: expected at least 1, got ", slots_);
  TORCH_CHECK(heads_ > 0, "building MemSizer: heads: expected at least 1, got ", heads_);
  TORCH_CHECK(dropout_ >= 0 && dropout_ < 1,
              "building MemSizer: dropout: expected 0 <= p < 1, got ", dropout_);
  const auto add = [&](const char* name, int64_t out, double gain) {
    auto linear = register_module(name, torch::nn::Linear(width_, out));
    torch::nn::init::xavier_uniform_(linear->weight, gain);
    torch::nn::init::zeros_(linear->bias);
    return linear;
  };
  query_ = add("query", heads_ * slots_, 1 / std::sqrt(32.0));
  key_ = add("key", slots_, 1);
  value_ = add("value", width_, 1);
  const auto norm = [](int64_t width) {
    return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}));
  };
  key_norm_ = register_module("key_norm", norm(slots_));
  value_norm_ = register_module("value_norm", norm(width_));
}

MemSizerState MemSizerMixer::Start(int64_t batch, const torch::TensorOptions& options) const {
  const auto type = WideType(c10::typeMetaToScalarType(options.dtype()));
  return {{.sums = torch::zeros({batch, slots_, width_}, options.dtype(type)),
           .tokens = torch::zeros({batch}, options.dtype(torch::kInt64))}};
}

/// [B, n, slots].
torch::Tensor MemSizerMixer::Query(const torch::Tensor& x, const Chunk& chunk) const {
  // Softmax over the slots in every head; dropout drops single weights, not heads.
  auto weights = LinearInTypeOf(x, query_).unflatten(2, {heads_, slots_}).softmax(-1);
  if (dropout_ > 0 && is_training()) {
    weights = Drop(weights.flatten(2), chunk.noise.KeysOf(NoiseUse::kSlotWeights), dropout_)
                  .view(weights.sizes());
  }
  return weights.mean(2);
}

torch::Tensor MemSizerMixer::Run(const torch::Tensor& x, MemSizerState& state, const Chunk& chunk,
                                 HandedOn& /*handed*/) {
  const auto type = WideType(x.scalar_type());
  // In the wide type, as the slots' sums: they grow with every token.
  const auto normalised = [&](const torch::nn::Linear& linear, const torch::nn::LayerNorm& norm) {
    return at::layer_norm(LinearInTypeOf(x, linear).to(type), norm->options.normalized_shape(),
                          norm->weight.to(type), norm->bias.to(type), norm->options.eps());
  };
  auto [y, last] = SlotMemory({.q = Query(x, chunk).to(type),
                               .k = normalised(key_, key_norm_),
                               .v = normalised(value_, value_norm_),
                               .starts = chunk.starts},
                              state.memory);
  state = {std::move(last)};
  return y.to(x.scalar_type());
}

}  // namespace longplay
