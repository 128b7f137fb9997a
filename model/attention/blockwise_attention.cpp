// SPDX-License-Identifier: MIT
#include "model/attention/blockwise_attention.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "model/attention/attend.h"

namespace longplay {
namespace {

/// Travels from forward to backward inside the autograd node, whole: no field is left behind.
struct Call : torch::CustomClassHolder {
  Call(const Visibility& of, const AttentionOptions& in) : visibility(of), blocks(in) {}
  Visibility visibility;
  AttentionOptions blocks;
};

class BlockwiseAttendFunction : public torch::autograd::Function<BlockwiseAttendFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& q,
                               const torch::Tensor& k, const torch::Tensor& v,
                               const Visibility& visibility, const AttentionOptions& blocks) {
    const Attended attended = Attend(q, k, v, visibility, blocks);
    // Kept: inputs, heads and a number a row. Scores and weights are computed again.
    context->save_for_backward({q, k, v, attended.heads, attended.log_sum_exp});
    context->saved_data["call"] =
        torch::IValue::make_capsule(c10::make_intrusive<Call>(visibility, blocks));
    return attended.heads;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "attention: backward: expected first derivatives only, got create_graph = true");
    const auto saved = context->get_saved_variables();
    const auto call =
        c10::static_intrusive_pointer_cast<Call>(context->saved_data["call"].toCapsule());
    const AttendGradients result =
        AttendBackward(grads[0], saved[0], saved[1], saved[2], {saved[3], saved[4]},
                       call->visibility, call->blocks);
    return {result.q, result.k, result.v, {}, {}};
  }
};

}  // namespace

torch::Tensor BlockwiseAttend(const torch::Tensor& q, const torch::Tensor& k,
                              const torch::Tensor& v, const Visibility& visibility,
                              const AttentionOptions& options) {
  if (!at::GradMode::is_enabled()) return Attend(q, k, v, visibility, options).heads;
  return BlockwiseAttendFunction::apply(q, k, v, visibility, options);
}

}  // namespace longplay
