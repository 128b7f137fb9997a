// SPDX-License-Identifier: MIT
#include "model/rows/gated_norm.h"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <optional>

#include "model/rows/gated_norm_loops.h"
#include "model/tensors/wide_type.h"

namespace longplay {
namespace {

using torch::autograd::variable_list;

class GatedNormFunction : public torch::autograd::Function<GatedNormFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& y,
                               const std::optional<torch::Tensor>& z, const torch::Tensor& weight,
                               int64_t groups, double epsilon) {
    const NormRows in{y, z.value_or(torch::Tensor()), weight};
    // Inputs alone: a row's gate and root mean square are computed again.
    context->save_for_backward({y, in.z, weight});
    context->saved_data["groups"] = groups;
    context->saved_data["epsilon"] = epsilon;
    return GatedNormInLoops(in, {groups, epsilon});
  }

  static variable_list backward(torch::autograd::AutogradContext* context,
                                const variable_list& grads) {
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "backward through a norm: expected first derivatives, got create_graph = true "
                "(GatedNormAnywhere has second ones)");
    const auto saved = context->get_saved_variables();
    const GatedNormOptions options{context->saved_data["groups"].toInt(),
                                   context->saved_data["epsilon"].toDouble()};
    const auto of =
        GatedNormInLoopsBackward({saved[0], saved[1], saved[2]}, grads[0].contiguous(), options);
    return {of.y, of.z, of.weight, {}, {}};
  }
};

/// [.., E] → [rows, E], the last dimension contiguous; a view where it can be.
torch::Tensor Rows(const torch::Tensor& x) {
  const auto rows = x.reshape({-1, x.size(-1)});
  return rows.stride(1) == 1 ? rows : rows.contiguous();
}

void Check(const torch::Tensor& y, const torch::Tensor& z, const torch::Tensor& weight,
           const GatedNormOptions& options) {
  const int64_t E = weight.numel();
  TORCH_CHECK(y.dim() > 0 && y.size(-1) == E, "norm: y: expected [.., ", E, "], got ", y.sizes());
  TORCH_CHECK(!z.defined() || z.sizes() == y.sizes(), "norm: z: expected ", y.sizes(), ", got ",
              z.defined() ? z.sizes() : y.sizes());
  TORCH_CHECK(options.groups > 0 && E % options.groups == 0, "norm: groups: expected a divisor of ",
              E, ", got ", options.groups);
}

}  // namespace

torch::Tensor GatedNormAnywhere(const torch::Tensor& y, const torch::Tensor& z,
                                const torch::Tensor& weight, const GatedNormOptions& options) {
  // u, its groups apart [.., groups, E / groups], each divided by its root mean square, weighted.
  const auto gated = z.defined() ? y * at::silu(z) : y;
  const auto parts = gated.unflatten(-1, {options.groups, -1});
  const auto rms = at::rms_norm(parts, {parts.size(-1)}, {}, options.epsilon);
  return rms.flatten(-2) * weight.to(y.scalar_type());
}

torch::Tensor GatedNorm(const torch::Tensor& y, const torch::Tensor& z, const torch::Tensor& weight,
                        const GatedNormOptions& options) {
  Check(y, z, weight, options);
  if (!y.is_cpu()) return GatedNormAnywhere(y, z, weight, options);
  // Rows in the wide type, which the loops want; autograd takes the gradients back to y's type.
  const auto type = WideType(y.scalar_type());
  std::optional<torch::Tensor> gate;
  if (z.defined()) gate = Rows(z.to(type));
  return GatedNormFunction::apply(Rows(y.to(type)), gate, weight.to(type).contiguous(),
                                  options.groups, options.epsilon)
      .view(y.sizes())
      .to(y.scalar_type());
}

}  // namespace longplay
