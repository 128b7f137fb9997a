// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "model/options.h"

namespace longplay {

///   x [.., D] ─► expand [.., hidden] ─► GELU, its tanh form, or ReLU ─► contract [.., D]
///
/// kSwiGlu, three maps without bias (arXiv 2002.05202):
///
///   x [.., D] ─┬─► gate [.., hidden] ─► SiLU ─┐
///              └─► expand [.., hidden] ──────► × ─► contract [.., D]
class FeedForwardImpl : public torch::nn::Module {
 public:
  /// Throws c10::Error for a kind that has no maps (kAuto, kNone) or no hidden units.
  FeedForwardImpl(FeedForwardKind kind, int64_t width, int64_t hidden);

  torch::Tensor forward(const torch::Tensor& x);

  FeedForwardKind kind() const { return kind_; }

  torch::nn::Linear expand{nullptr}, contract{nullptr};
  torch::nn::Linear gate{nullptr};  // kSwiGlu only

 private:
  FeedForwardKind kind_;
};
TORCH_MODULE(FeedForward);

}  // namespace longplay
