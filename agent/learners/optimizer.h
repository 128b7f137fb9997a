// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <vector>

namespace longplay {

/// One group of parameters and how they are updated from their gradients.
class Optimizer {
 public:
  Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  virtual ~Optimizer() = default;

  /// One update. Its gradients are used up: ZeroGrad comes before the next ones.
  virtual void Step(double learning_rate) = 0;
  virtual void ZeroGrad() = 0;

  /// Scales all gradients so that their joint norm is at most `limit` (0 = never) and returns the
  /// norm before that.
  virtual double ClipGradients(double limit) = 0;

  virtual std::vector<torch::Tensor> parameters() const = 0;
};

}  // namespace longplay
