// SPDX-License-Identifier: MIT
#include "model/policy/prediction_head.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "model/rows/layer_pass.h"
#include "model/rows/row_maps.h"
#include "model/tensors/parameter_gradients.h"

namespace longplay {
namespace {

/// Travels from forward to backward inside the autograd node.
struct Head : torch::CustomClassHolder {
  Norm norm{nullptr};
  torch::nn::Linear linear{nullptr};
  int64_t rows_at_once = 0;

  torch::ScalarType type() const { return linear->weight.scalar_type(); }
  std::vector<torch::Tensor> parameters() const {
    std::vector<torch::Tensor> all = {norm->weight, linear->weight, linear->bias};
    if (norm->bias.defined()) all.push_back(norm->bias);
    return all;
  }
};

class BlockwiseHead : public torch::autograd::Function<BlockwiseHead> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& y,
                               at::TensorList /*parameters*/, c10::intrusive_ptr<Head> head) {
    CastParameters parameters(head->type());
    auto out = torch::empty({y.size(0), head->linear->options.out_features()},
                            y.options().dtype(head->type()));
    ForEachRowBlock(y.size(0), head->rows_at_once, [&](const RowBlock& block) {
      // In the parameters' type, one block's copy at a time.
      const auto rows = Normalise(head->norm, block.Of(y).to(head->type()));
      block.Of(out).copy_(Map(head->linear, rows.y, parameters));
    });
    // y alone: the norm is computed again.
    context->save_for_backward({y});
    context->saved_data["head"] = torch::IValue::make_capsule(std::move(head));
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "head: backward: expected first derivatives only, got create_graph = true");
    const auto head =
        c10::static_intrusive_pointer_cast<Head>(context->saved_data["head"].toCapsule());
    const auto y = context->get_saved_variables()[0];
    const auto grad = grads[0].contiguous();
    ParameterGradients gradients(head->parameters());
    auto grad_y = torch::empty_like(y);
    ForEachRowBlock(y.size(0), head->rows_at_once, [&](const RowBlock& block) {
      const auto x = block.Of(y).to(head->type());
      // The norm again, then through the map and the norm, block by block.
      const NormalisedRows rows = Normalise(head->norm, x);
      AddMapGradients(head->linear, rows.y, block.Of(grad), gradients);
      block.Of(grad_y).copy_(NormaliseBackward(
          head->norm, x, rows, at::mm(block.Of(grad), head->linear->weight), gradients));
    });
    torch::autograd::variable_list result{grad_y};
    for (auto& sum : gradients.take()) result.push_back(std::move(sum));
    result.emplace_back();  // the head
    return result;
  }
};

}  // namespace

torch::Tensor RunHead(const Norm& norm, const torch::nn::Linear& head, const torch::Tensor& y,
                      int64_t rows_at_once) {
  auto holder = c10::make_intrusive<Head>();
  holder->norm = norm;
  holder->linear = head;
  holder->rows_at_once = rows_at_once;
  // Arguments only so that the node passes gradients to them.
  const auto parameters = holder->parameters();
  return BlockwiseHead::apply(y, at::TensorList(parameters), std::move(holder));
}

}  // namespace longplay
