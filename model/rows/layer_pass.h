// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <algorithm>
#include <cstdint>

#include "model/tensors/cast_parameters.h"
#include "model/tensors/token_noise.h"

namespace longplay {

/// How one pass (forward, or backward with what it computes again) runs over one layer.
struct LayerPass {
  int64_t rows_at_once = 512;  // of the B * T rows, in every map that works token by token
  int64_t keys_at_once = 512;  // [tokens] where a mixer works in chunks
  double dropout = 0;          // on the residual branches; 0 outside training
  double attention_dropout = 0;
  TokenNoise noise = {};           // [B, T] of this layer; defined where something is drawn
  torch::Tensor segments = {};     // [B, T] int64, see Visibility; undefined = one
  bool keeps_projections = false;  // a mixer hands over what it projected, for backward
  CastParameters& parameters;
};

/// Rows [row, row + rows) of a tensor with R rows.
struct RowBlock {
  int64_t row, rows;
  torch::Tensor Of(const torch::Tensor& whole) const { return whole.narrow(0, row, rows); }
};

/// Calls body with part [B, n, D] as rows [B * n, D]; what it writes to them reaches the part.
template <typename Body>
void OnRows(torch::Tensor part, const Body& body) {
  auto rows = part.reshape({-1, part.size(-1)});
  body(rows);
  if (!rows.is_alias_of(part)) part.copy_(rows.view(part.sizes()));
}

template <typename Body>
void ForEachRowBlock(int64_t R, int64_t rows_at_once, const Body& body) {
  for (int64_t row = 0; row < R; row += rows_at_once) {
    body(RowBlock{row, std::min(rows_at_once, R - row)});
  }
}

}  // namespace longplay
