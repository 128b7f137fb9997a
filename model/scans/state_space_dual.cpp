// SPDX-License-Identifier: MIT
#include "model/scans/state_space_dual.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <optional>

#include "model/scans/state_space_chunks.h"
#include "model/tensors/wide_type.h"

namespace longplay {
namespace {

using torch::autograd::variable_list;

class DualFunction : public torch::autograd::Function<DualFunction> {
 public:
  static variable_list forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& delta, const torch::Tensor& a,
                               const torch::Tensor& b, const torch::Tensor& c,
                               const torch::Tensor& d, const torch::Tensor& state,
                               const std::optional<torch::Tensor>& starts, int64_t chunk) {
    const DualInputs in{x, delta, a, b, c, d, starts.value_or(torch::Tensor())};
    const DualResult result = DualForward(in, state, chunk);
    // Inputs alone: chunks' states and decays are computed again.
    context->save_for_backward({x, delta, a, b, c, d, in.starts, state});
    context->saved_data["chunk"] = chunk;
    return {result.y, result.state};
  }

  static variable_list backward(torch::autograd::AutogradContext* context,
                                const variable_list& grads) {
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "backward through a state space layer: expected first derivatives, got "
                "create_graph = true (ReferenceStateSpaceDual has second ones)");
    const auto saved = context->get_saved_variables();
    const DualInputs in{saved[0], saved[1], saved[2], saved[3], saved[4], saved[5], saved[6]};
    const auto of = DualBackward(in, saved[7], context->saved_data["chunk"].toInt(),
                                 {grads[0].contiguous(), grads[1].contiguous()});
    return {of.x, of.delta, of.a, of.b, of.c, of.d, of.state, {}, {}};
  }
};

void Check(const DualInputs& in, const torch::Tensor& state, int64_t chunk) {
  TORCH_CHECK(in.x.dim() == 4 && in.b.dim() == 4 && in.x.size(1) > 0,
              "state space layer: x, b: expected [B, T, H, K] and [B, T, G, S], got ", in.x.sizes(),
              " and ", in.b.sizes());
  const int64_t B = in.x.size(0), T = in.x.size(1), H = in.x.size(2), G = in.b.size(2);
  TORCH_CHECK(H % G == 0 && chunk > 0, "state space layer: groups, chunk: expected a divisor of ",
              H, " heads and at least 1 token, got ", G, " and ", chunk);
  const auto expect = [](const char* name, const torch::Tensor& of, at::IntArrayRef sizes) {
    TORCH_CHECK(of.sizes() == sizes, "state space layer: ", name, ": expected ", sizes, ", got ",
                of.sizes());
  };
  expect("delta", in.delta, {B, T, H});
  expect("a", in.a, {H});
  expect("b", in.b, {B, T, G, in.b.size(3)});
  expect("c", in.c, in.b.sizes());
  expect("d", in.d, {H});
  expect("state", state, {B, H, in.x.size(3), in.b.size(3)});
  if (in.starts.defined()) expect("starts", in.starts, {B, T});
}

DualInputs Part(const DualInputs& in, int64_t first, int64_t tokens) {
  const auto part = [&](const torch::Tensor& of) {
    return of.defined() ? of.narrow(1, first, tokens) : of;
  };
  return {part(in.x), part(in.delta), in.a, part(in.b), part(in.c), in.d, part(in.starts)};
}

/// Whole chunks in the type of computation.
DualResult WholeChunks(const DualInputs& in, const torch::Tensor& state, int64_t chunk) {
  if (!at::GradMode::is_enabled()) return DualForward(in, state, chunk);
  const auto starts = in.starts.defined() ? std::optional(in.starts) : std::nullopt;
  const auto out =
      DualFunction::apply(in.x, in.delta, in.a, in.b, in.c, in.d, state, starts, chunk);
  return {out[0], out[1]};
}

}  // namespace

DualResult StateSpaceDual(const DualInputs& inputs, const torch::Tensor& state, int64_t chunk) {
  Check(inputs, state, chunk);
  const auto type = WideType(inputs.x.scalar_type());
  const auto in = [type](const torch::Tensor& x) { return x.to(type); };
  const DualInputs cast{in(inputs.x), in(inputs.delta), in(inputs.a), in(inputs.b),
                        in(inputs.c), in(inputs.d),     inputs.starts};
  const int64_t T = inputs.x.size(1), rest = T % chunk;
  // Chunks are of one length: first all whole ones, then what is left as a shorter one.
  DualResult result{{}, in(state)};
  if (rest < T) {
    result = WholeChunks(Part(cast, 0, T - rest), result.state, chunk);
  }
  if (rest > 0) {
    const DualResult tail = WholeChunks(Part(cast, T - rest, rest), result.state, rest);
    result = {result.y.defined() ? torch::cat({result.y, tail.y}, 1) : tail.y, tail.state};
  }
  return {result.y.to(inputs.x.scalar_type()), result.state};
}

}  // namespace longplay
