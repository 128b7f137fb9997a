// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "datasets/chains/step_rows.h"
#include "model/tensors/step_tensors.h"

namespace longplay {

/// The last W time steps of B chains, for policies that compute them anew at each decision.
class StepWindow {
 public:
  StepWindow(int64_t chains, int64_t window, int64_t observation_size, int64_t action_size);

  /// Appends row i of `rows` to chain i, for every chain; the oldest goes when W are there.
  void Append(const StepRows& rows);
  void Forget(int64_t i) { lengths_[i] = 0; }
  /// Keeps the chains `kept` alone, in this order.
  void Select(const std::vector<int64_t>& kept);

  /// [B, L] steps for the longest L; shorter chains are padded on the right with what nobody reads.
  StepTensors Tensors(const torch::TensorOptions& options);
  /// output [B, L, P] → [B, P] at each chain's newest step.
  torch::Tensor Newest(const torch::Tensor& output) const;

 private:
  void MoveRow(const StepRows& from, int64_t source, int64_t target);

  int64_t window_;                // W
  std::vector<int64_t> lengths_;  // [B] steps held
  StepRows rows_;                 // [B * W]
};

}  // namespace longplay
