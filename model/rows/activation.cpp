// SPDX-License-Identifier: MIT
#include "model/rows/activation.h"

#include <ATen/Functions.h>

namespace longplay {
namespace {

bool IsRelu(FeedForwardKind kind) { return kind == FeedForwardKind::kRelu; }

/// Torch's name for how GELU is computed.
const char* GeluFormula(FeedForwardKind kind) {
  TORCH_CHECK(kind == FeedForwardKind::kGelu || kind == FeedForwardKind::kGeluTanh,
              "activating: kind: expected gelu, gelu_tanh or relu, got another");
  return kind == FeedForwardKind::kGelu ? "none" : "tanh";
}

}  // namespace

torch::Tensor Activate(FeedForwardKind kind, const torch::Tensor& x) {
  return IsRelu(kind) ? at::relu(x) : at::gelu(x, GeluFormula(kind));
}

void ActivateInPlace(FeedForwardKind kind, torch::Tensor& x) {
  IsRelu(kind) ? at::relu_(x) : at::gelu_(x, GeluFormula(kind));
}

torch::Tensor ActivateBackward(FeedForwardKind kind, const torch::Tensor& grad,
                               const torch::Tensor& x) {
  return IsRelu(kind) ? at::threshold_backward(grad, x, 0)
                      : at::gelu_backward(grad, x, GeluFormula(kind));
}

}  // namespace longplay
