// SPDX-License-Identifier: MIT
#include "model/scans/selective_scan.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <optional>

#include "model/scans/selective_scan_chunks.h"
#include "model/scans/selective_scan_loops.h"
#include "model/tensors/wide_type.h"

namespace longplay {
namespace {

using torch::autograd::variable_list;

KeptScan Scan(const ScanInputs& inputs, const torch::Tensor& state, bool keeps) {
  return inputs.x.is_cpu() ? ScanInLoops(inputs, state, keeps) : ScanInChunks(inputs, state, keeps);
}

class ScanFunction : public torch::autograd::Function<ScanFunction> {
 public:
  static variable_list forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& delta, const torch::Tensor& a,
                               const torch::Tensor& b, const torch::Tensor& c,
                               const torch::Tensor& d, const torch::Tensor& state,
                               const std::optional<torch::Tensor>& starts) {
    const ScanInputs inputs{x, delta, a, b, c, d, starts.value_or(torch::Tensor())};
    const KeptScan scan = Scan(inputs, state, /*keeps=*/true);
    // Inputs and a state every few tokens; the other states are computed again.
    context->save_for_backward({x, delta, a, b, c, d, inputs.starts, scan.kept});
    return {scan.y, scan.state};
  }

  static variable_list backward(torch::autograd::AutogradContext* context,
                                const variable_list& grads) {
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "backward through a selective scan: expected first derivatives, got create_graph = "
                "true (ReferenceSelectiveScan has second ones)");
    const auto saved = context->get_saved_variables();
    const ScanInputs inputs{saved[0], saved[1], saved[2], saved[3], saved[4], saved[5], saved[6]};
    // By the path that made what was kept: its layout is that path's own.
    const auto grad_y = grads[0].contiguous(), grad_state = grads[1].contiguous();
    const ScanGradients of = inputs.x.is_cpu()
                                 ? ScanInLoopsBackward(inputs, saved[7], grad_y, grad_state)
                                 : ScanInChunksBackward(inputs, saved[7], grad_y, grad_state);
    return {of.x, of.delta, of.a, of.b, of.c, of.d, of.state, {}};
  }
};

void Check(const ScanInputs& in, const torch::Tensor& state) {
  TORCH_CHECK(in.x.dim() == 3 && in.a.dim() == 2,
              "selective scan: x, a: expected [B, T, E] and "
              "[E, S], got ",
              in.x.sizes(), " and ", in.a.sizes());
  const int64_t B = in.x.size(0), T = in.x.size(1), E = in.x.size(2), S = in.a.size(1);
  const auto expect = [](const char* name, const torch::Tensor& of, at::IntArrayRef sizes) {
    TORCH_CHECK(of.sizes() == sizes, "selective scan: ", name, ": expected ", sizes, ", got ",
                of.sizes());
  };
  expect("delta", in.delta, {B, T, E});
  expect("a", in.a, {E, S});
  expect("b", in.b, {B, T, S});
  expect("c", in.c, {B, T, S});
  expect("d", in.d, {E});
  expect("state", state, {B, E, S});
  if (in.starts.defined()) expect("starts", in.starts, {B, T});
}

}  // namespace

Scanned SelectiveScan(const ScanInputs& inputs, const torch::Tensor& state) {
  Check(inputs, state);
  const auto type = WideType(inputs.x.scalar_type());
  const auto in = [type](const torch::Tensor& x) { return x.to(type).contiguous(); };
  // The casts stand outside of ScanFunction: autograd takes gradients back to the inputs' types.
  const ScanInputs cast{in(inputs.x),
                        in(inputs.delta),
                        in(inputs.a),
                        in(inputs.b),
                        in(inputs.c),
                        in(inputs.d),
                        inputs.starts.defined() ? inputs.starts.contiguous() : torch::Tensor()};
  if (!at::GradMode::is_enabled()) {
    const KeptScan scan = Scan(cast, in(state), /*keeps=*/false);
    return {scan.y.to(inputs.x.scalar_type()), scan.state};
  }
  const auto starts = cast.starts.defined() ? std::optional(cast.starts) : std::nullopt;
  const auto out =
      ScanFunction::apply(cast.x, cast.delta, cast.a, cast.b, cast.c, cast.d, in(state), starts);
  return {out[0].to(inputs.x.scalar_type()), out[1]};
}

}  // namespace longplay
