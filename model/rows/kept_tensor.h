// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "model/options.h"
#include "model/tensors/range.h"

namespace longplay {

/// A tensor [B, T, D] that waits for backward, possibly smaller or elsewhere.
///
/// kInt8: every row of the last dimension has its own range [smallest, largest] in 255 steps;
/// rounding is stochastic (keyed noise), so that its mean is the tensor itself. The error of an
/// element is below one step. Source: Mesa, arXiv 2111.11124, section 3.1, with ranges of this call
/// in place of running ones (which overflow when a batch is wider than those before).
class KeptTensor {
 public:
  KeptTensor() = default;

  /// Without conversion and on the device, `x` itself is kept, not a copy. `keys` [B, T] int64
  /// decide the rounding; only kInt8 reads them. Throws std::runtime_error when a file cannot be
  /// made (KeptPlace::kFile).
  KeptTensor(const torch::Tensor& x, const KeptOptions& options, const torch::Tensor& keys = {});

  /// As given, in the type and on the device of x: all of it, or some tokens [B, tokens, D]. A view
  /// where x itself was kept.
  torch::Tensor Restore() const { return Restore({0, values_.size(1)}); }
  torch::Tensor Restore(Range tokens) const;

  /// True when `x` itself waits here: it must not be overwritten.
  bool Holds(const torch::Tensor& x) const { return values_.is_alias_of(x); }

  at::IntArrayRef sizes() const { return values_.sizes(); }
  bool defined() const { return values_.defined(); }

 private:
  torch::TensorOptions like_;
  torch::Tensor values_;  // x, or x in bfloat16, or codes [B, T, D] uint8
  torch::Tensor ranges_;  // [B, T, 2] float32: smallest, size of a step; for codes only
};

}  // namespace longplay
