// SPDX-License-Identifier: MIT
#include "model/rows/feed_forward.h"

#include <ATen/Functions.h>

#include "model/rows/activation.h"
#include "model/tensors/cast_parameters.h"
#include "model/tensors/initialization.h"

namespace longplay {
namespace {

torch::nn::Linear MakeMap(int64_t inputs, int64_t outputs, bool bias) {
  return torch::nn::Linear(torch::nn::LinearOptions(inputs, outputs).bias(bias));
}

torch::Tensor WithoutBias(const torch::Tensor& x, const torch::nn::Linear& map) {
  return at::linear(x, map->weight.to(x.scalar_type()));
}

}  // namespace

FeedForwardImpl::FeedForwardImpl(FeedForwardKind kind, int64_t width, int64_t hidden)
    : kind_(kind) {
  TORCH_CHECK(
      kind != FeedForwardKind::kAuto && kind != FeedForwardKind::kNone,
      "building the feed-forward: kind: expected gelu, gelu_tanh, relu or swiglu, got none");
  TORCH_CHECK(hidden > 0, "building the feed-forward: hidden units: expected at least 1, got ",
              hidden);
  // SwiGLU's maps have no bias; the others' have.
  const bool gated = kind == FeedForwardKind::kSwiGlu;
  expand = register_module("expand", MakeMap(width, hidden, !gated));
  if (gated) gate = register_module("gate", MakeMap(width, hidden, false));
  contract = register_module("contract", MakeMap(hidden, width, !gated));
  DrawWeights(expand);
  DrawWeights(contract);
  if (gated) DrawWeights(gate);
}

torch::Tensor FeedForwardImpl::forward(const torch::Tensor& x) {
  if (gate) {
    // SwiGLU: contract(silu(gate(x)) * expand(x)).
    return WithoutBias(at::silu(WithoutBias(x, gate)) * WithoutBias(x, expand), contract);
  }
  return LinearInTypeOf(Activate(kind_, LinearInTypeOf(x, expand)), contract);
}

}  // namespace longplay
