// SPDX-License-Identifier: MIT
#include "model/mixers/mamba2_mixer.h"

#include <torch/nn/init.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "model/mixers/state_space_initialization.h"
#include "model/rows/gated_norm.h"
#include "model/scans/short_convolution.h"
#include "model/scans/state_space_dual.h"
#include "model/tensors/wide_type.h"

namespace longplay {

using torch::nn::Conv1d;
using torch::nn::Conv1dOptions;
using torch::nn::Linear;
using torch::nn::LinearOptions;

Mamba2Mixer::Mamba2Mixer(const ModelOptions& options)
    : options_(options.mamba2), channels_(options.mamba2.expand * options.attention.width) {
  const int64_t width = options.attention.width, G = options_.groups, W = options_.convolution;
  TORCH_CHECK(options_.head_width > 0 && channels_ > 0 && channels_ % options_.head_width == 0,
              "building mamba2: head_width: expected a divisor of expand * width = ", channels_,
              ", got ", options_.head_width);
  heads_ = channels_ / options_.head_width;
  TORCH_CHECK(G > 0 && heads_ % G == 0, "building mamba2: groups: expected a divisor of ", heads_,
              " heads, got ", G);
  TORCH_CHECK(options_.state > 0 && W > 0 && options_.chunk > 0,
              "building mamba2: state, convolution, chunk: expected at least 1");
  // x, b and c, which the convolution runs over together.
  const int64_t convolved = channels_ + 2 * G * options_.state;
  const auto map = [](int64_t from, int64_t to) {
    return Linear(LinearOptions(from, to).bias(false));
  };
  in_proj = register_module("in_proj", map(width, channels_ + convolved + heads_));
  conv1d =
      register_module("conv1d", Conv1d(Conv1dOptions(convolved, convolved, W).groups(convolved)));
  out_proj = register_module("out_proj", map(channels_, width));
  // First values: steps of 0.001 to 0.1, rates a = -1 to -16.
  dt_bias = register_parameter("dt_bias", DrawTimeStepBias(heads_));
  A_log = register_parameter("A_log", torch::empty({heads_}).uniform_(1, 16).log());
  D = register_parameter("D", torch::ones({heads_}));
  // A module for the parameter's name alone, norm.weight, as in the official code.
  const auto norm = register_module("norm", std::make_shared<torch::nn::Module>());
  norm_weight = norm->register_parameter("weight", torch::ones({channels_}));
  ScaleByDepth(out_proj, options);
}

Mamba2State Mamba2Mixer::Start(int64_t batch, const torch::TensorOptions& options) const {
  const auto wide = options.dtype(WideType(options.dtype().toScalarType()));
  return {torch::zeros({batch, options_.convolution - 1, conv1d->weight.size(0)}, wide),
          torch::zeros({batch, heads_, options_.head_width, options_.state}, wide)};
}

torch::Tensor Mamba2Mixer::Run(const torch::Tensor& x, Mamba2State& state, const Chunk& chunk,
                               HandedOn& /*handed*/) {
  const auto type = x.scalar_type();
  const int64_t G = options_.groups, S = options_.state, written = G * S;
  // z [E], then x, b, c together through the convolution, then a time step for each head.
  const auto parts = torch::linear(x, in_proj->weight.to(type))
                         .split_with_sizes({channels_, channels_ + 2 * written, heads_}, 2);
  const Convolved convolved =
      ShortConvolution(parts[1], {conv1d->weight, conv1d->bias}, state.window, chunk.starts);
  const auto chosen = convolved.y.split_with_sizes({channels_, written, written}, 2);
  // Time steps and rates in the parameters' own type: states are sensitive to them.
  const DualInputs in{.x = chosen[0].unflatten(2, {heads_, options_.head_width}),
                      .delta = torch::softplus(parts[2].to(dt_bias.scalar_type()) + dt_bias),
                      .a = -A_log.exp(),
                      .b = chosen[1].unflatten(2, {G, S}),
                      .c = chosen[2].unflatten(2, {G, S}),
                      .d = D,
                      .starts = chunk.starts};
  const DualResult dual = StateSpaceDual(in, state.heads, options_.chunk);
  state = {convolved.window, dual.state};
  // z gates in front of the norm; one root mean square for each group.
  const auto y = GatedNorm(dual.y.flatten(2), parts[0], norm_weight, {.groups = G});
  return torch::linear(y, out_proj->weight.to(type));
}

}  // namespace longplay
