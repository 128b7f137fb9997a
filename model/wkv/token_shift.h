// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace longplay {

/// The token before each of x [B, n, D], as RWKV's layers look back: [B, n, D], the first one from
/// `last` [B, D] (any float type), zeros where `starts` [B, n] is true (undefined = nowhere).
torch::Tensor TokenBefore(const torch::Tensor& x, const torch::Tensor& last,
                          const torch::Tensor& starts);

/// The newest token of x [B, n, D]: [B, D] with memory of its own.
torch::Tensor LastToken(const torch::Tensor& x);

}  // namespace longplay
