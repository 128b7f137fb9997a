// SPDX-License-Identifier: MIT
#include "model/mixers/mamba_mixer.h"

#include <torch/nn/init.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "model/mixers/state_space_initialization.h"
#include "model/scans/selective_scan.h"
#include "model/scans/short_convolution.h"
#include "model/tensors/wide_type.h"

namespace longplay {

using torch::nn::Conv1d;
using torch::nn::Conv1dOptions;
using torch::nn::Linear;
using torch::nn::LinearOptions;

MambaMixer::MambaMixer(const ModelOptions& options)
    : channels_(options.mamba.expand * options.attention.width),
      size_(options.mamba.state),
      rank_(options.mamba.step_rank) {
  const int64_t width = options.attention.width, W = options.mamba.convolution;
  if (rank_ == 0) rank_ = (width + 15) / 16;
  TORCH_CHECK(channels_ > 0 && size_ > 0 && W > 0 && rank_ > 0,
              "building mamba: width, expand, state, convolution, step_rank: expected at least 1");
  const auto map = [](int64_t from, int64_t to) {
    return Linear(LinearOptions(from, to).bias(false));
  };
  in_proj = register_module("in_proj", map(width, 2 * channels_));
  conv1d =
      register_module("conv1d", Conv1d(Conv1dOptions(channels_, channels_, W).groups(channels_)));
  x_proj = register_module("x_proj", map(channels_, rank_ + 2 * size_));
  dt_proj = register_module("dt_proj", Linear(rank_, channels_));
  out_proj = register_module("out_proj", map(channels_, width));
  // First rates a = -1, -2, .. -S in every channel (S4D-real).
  const auto rates = torch::arange(1, size_ + 1, torch::kFloat32).log();
  A_log = register_parameter("A_log", rates.repeat({channels_, 1}));
  D = register_parameter("D", torch::ones({channels_}));

  const torch::NoGradGuard no_grad;
  // Weights by the rank, so that the variance is about kept; the bias sets the time steps' size.
  const double range = 1 / std::sqrt(static_cast<double>(rank_));
  torch::nn::init::uniform_(dt_proj->weight, -range, range);
  dt_proj->bias.copy_(DrawTimeStepBias(channels_));
  ScaleByDepth(out_proj, options);
}

MambaState MambaMixer::Start(int64_t batch, const torch::TensorOptions& options) const {
  const auto wide = options.dtype(WideType(options.dtype().toScalarType()));
  return {torch::zeros({batch, conv1d->weight.size(2) - 1, channels_}, wide),
          torch::zeros({batch, channels_, size_}, wide)};
}

torch::Tensor MambaMixer::Run(const torch::Tensor& x, MambaState& state, const Chunk& chunk,
                              HandedOn& /*handed*/) {
  const auto type = x.scalar_type();
  // The scan's input and its gate z.
  const auto both = torch::linear(x, in_proj->weight.to(type)).chunk(2, 2);  // [B, n, E] twice
  const Convolved convolved =
      ShortConvolution(both[0], {conv1d->weight, conv1d->bias}, state.window, chunk.starts);
  // Selection: time steps (of low rank), b and c depend on the token.
  const auto chosen = torch::linear(convolved.y, x_proj->weight.to(type))
                          .split_with_sizes({rank_, size_, size_}, 2);
  // Time steps and rates in the parameters' own type: states are sensitive to them.
  const auto delta = torch::softplus(
      torch::linear(chosen[0].to(dt_proj->weight.scalar_type()), dt_proj->weight, dt_proj->bias));
  const Scanned scanned = SelectiveScan(
      {convolved.y, delta, -A_log.exp(), chosen[1], chosen[2], D, chunk.starts}, state.scanned);
  // Both pasts go on: the convolution's last inputs and the scan's state.
  state = {convolved.window, scanned.state};
  return torch::linear(scanned.y * torch::silu(both[1]), out_proj->weight.to(type));
}

}  // namespace longplay
