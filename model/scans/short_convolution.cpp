// SPDX-License-Identifier: MIT
#include "model/scans/short_convolution.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <optional>

#include "model/scans/short_convolution_loops.h"
#include "model/tensors/wide_type.h"

namespace longplay {
namespace {

using torch::autograd::variable_list;

class ConvolutionFunction : public torch::autograd::Function<ConvolutionFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& weight, const torch::Tensor& bias,
                               const torch::Tensor& window,
                               const std::optional<torch::Tensor>& starts) {
    const ConvolutionInputs in{x, weight, bias, window, starts.value_or(torch::Tensor())};
    // Inputs alone; the sum before silu is computed again.
    context->save_for_backward({x, weight, bias, window, in.starts});
    return ConvolveInLoops(in);
  }

  static variable_list backward(torch::autograd::AutogradContext* context,
                                const variable_list& grads) {
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "backward through a short convolution: expected first derivatives, got "
                "create_graph = true (ConvolveAnywhere has second ones)");
    const auto saved = context->get_saved_variables();
    const ConvolutionInputs in{saved[0], saved[1], saved[2], saved[3], saved[4]};
    const auto of = ConvolveInLoopsBackward(in, grads[0].contiguous());
    return {of.x, of.weight, of.bias, of.window, {}};
  }
};

/// [B, W - 1 + T] int64: how many starts stand up to each token; 0 in the window.
torch::Tensor CountsWithWindow(const torch::Tensor& starts, int64_t in_window) {
  const auto counts = starts.cumsum(1);
  return torch::cat({counts.new_zeros({counts.size(0), in_window}), counts}, 1);
}

/// The last `rows` tokens of window and x, zeros before the last start.
torch::Tensor NextWindow(const torch::Tensor& x, const torch::Tensor& window,
                         const torch::Tensor& starts) {
  const int64_t rows = window.size(1), T = x.size(1);
  if (rows == 0) return window;
  // Of x alone where it is long enough, else with the end of the old window.
  auto next = T >= rows ? x.narrow(1, T - rows, rows).to(window.scalar_type())
                        : torch::cat({window, x.to(window.scalar_type())}, 1).narrow(1, T, rows);
  if (starts.defined()) {
    const auto counts = CountsWithWindow(starts, rows);
    // A start behind a row: the next chunk does not see it.
    const auto cut = counts.narrow(1, T, rows) != counts.narrow(1, T + rows - 1, 1);
    return next.masked_fill(cut.unsqueeze(2), 0);
  }
  return next.is_alias_of(x) ? next.clone() : next;  // a view would keep all of x in memory
}

void Check(const torch::Tensor& x, const ConvolutionWeights& weights, const torch::Tensor& window,
           const torch::Tensor& starts) {
  TORCH_CHECK(x.dim() == 3 && x.size(1) > 0, "short convolution: x: expected [B, T, C], got ",
              x.sizes());
  const int64_t C = x.size(2), W = weights.weight.size(-1);
  const auto expect = [](const char* name, const torch::Tensor& of, at::IntArrayRef sizes) {
    TORCH_CHECK(of.sizes() == sizes, "short convolution: ", name, ": expected ", sizes, ", got ",
                of.sizes());
  };
  TORCH_CHECK(weights.weight.numel() == C * W && weights.weight.size(0) == C,
              "short convolution: weight: expected [", C, ", W], got ", weights.weight.sizes());
  expect("bias", weights.bias, {C});
  expect("window", window, {x.size(0), W - 1, C});
  if (starts.defined()) expect("starts", starts, {x.size(0), x.size(1)});
}

}  // namespace

torch::Tensor ConvolveAnywhere(const torch::Tensor& x, const ConvolutionWeights& weights,
                               const torch::Tensor& window, const torch::Tensor& starts) {
  const int64_t T = x.size(1), W = window.size(1) + 1;
  const auto weight = weights.weight.view({-1, W});
  const auto all = torch::cat({window, x}, 1);  // [B, W - 1 + T, C]
  const auto counts = starts.defined() ? CountsWithWindow(starts, W - 1) : torch::Tensor();
  // The token itself, then those j back, shifted; across a start they count as zero.
  auto sum = weights.bias + x * weight.select(1, W - 1);
  for (int64_t j = 1; j < W; ++j) {
    auto seen = all.narrow(1, W - 1 - j, T);
    if (counts.defined()) {
      const auto cut = counts.narrow(1, W - 1 - j, T) != counts.narrow(1, W - 1, T);
      seen = seen.masked_fill(cut.unsqueeze(2), 0);
    }
    sum = sum + seen * weight.select(1, W - 1 - j);
  }
  return torch::silu(sum);
}

Convolved ShortConvolution(const torch::Tensor& x, const ConvolutionWeights& weights,
                           const torch::Tensor& window, const torch::Tensor& starts) {
  Check(x, weights, window, starts);
  const auto type = WideType(x.scalar_type());
  auto in = x.to(type);
  const auto before = window.to(type);
  const ConvolutionWeights cast{weights.weight.view({x.size(2), -1}).to(type),
                                weights.bias.to(type)};
  torch::Tensor y;
  if (in.is_cpu()) {
    if (in.stride(2) != 1) in = in.contiguous();
    const auto cuts = starts.defined() ? std::optional(starts.contiguous()) : std::nullopt;
    y = ConvolutionFunction::apply(in, cast.weight.contiguous(), cast.bias.contiguous(),
                                   before.contiguous(), cuts);
  } else {
    y = ConvolveAnywhere(in, cast, before, starts);
  }
  return {y.to(x.scalar_type()), NextWindow(in, before, starts)};
}

}  // namespace longplay
