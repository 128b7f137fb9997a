// SPDX-License-Identifier: MIT
#include "model/attention_mixer.h"

#include <torch/torch.h>

#include <utility>

#include "model/blockwise_attention.h"
#include "model/initialization.h"
#include "model/key_value_cache.h"
#include "model/reference_attention.h"

namespace longplay {

AttentionMixer::AttentionMixer(MixerKind kind, const AttentionOptions& options)
    : kind_(kind), options_(options) {
  TORCH_CHECK(options.heads > 0 && options.width > 0 && options.width % options.heads == 0,
              "building attention: width ", options.width, ": expected a multiple of heads, got ",
              options.heads, " heads");
  query_key_value_ =
      register_module("query_key_value", torch::nn::Linear(options.width, 3 * options.width));
  projection_ = register_module("projection", torch::nn::Linear(options.width, options.width));
  DrawWeights(query_key_value_);
  DrawWeights(projection_);
}

std::unique_ptr<MixerState> AttentionMixer::MakeState(int64_t /*batch*/, int64_t capacity) const {
  return std::make_unique<KeyValueCache>(capacity);
}

torch::Tensor AttentionMixer::Forward(const torch::Tensor& x, MixerState* state) {
  const int64_t B = x.size(0), T = x.size(1), H = options_.heads, D = options_.width;
  const auto parts =
      query_key_value_->forward(x).view({B, T, 3, H, D / H}).permute({2, 0, 3, 1, 4});
  const auto q = parts[0];
  auto k = parts[1], v = parts[2];  // each [B, H, T, K]
  if (state != nullptr) {
    auto& cache = dynamic_cast<KeyValueCache&>(*state);
    cache.Append(k, v);
    k = cache.keys();
    v = cache.values();
  }
  const auto heads = kind_ == MixerKind::kReferenceAttention ? ReferenceAttend(q, k, v)
                                                             : BlockwiseAttend(q, k, v, options_);
  return projection_->forward(heads.transpose(1, 2).reshape({B, T, D}));
}

torch::Tensor AttentionMixer::Step(const torch::Tensor& x, MixerState& state) {
  const torch::NoGradGuard no_grad;
  return Forward(x, &state);
}

}  // namespace longplay
