// SPDX-License-Identifier: MIT
#include "model/ranks/hand_on.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cstring>

namespace longplay {
namespace {

using Tensors = std::vector<torch::Tensor>;

constexpr int64_t kShapeNumbers = 8;  // type, dimensions, and at most six sizes

/// Shape and type of a tensor that is not here yet.
struct HandedShape {
  std::vector<int64_t> sizes;
  torch::ScalarType type;

  int64_t bytes() const {
    int64_t numbers = 1;
    for (const int64_t size : sizes) numbers *= size;
    return numbers * static_cast<int64_t>(c10::elementSize(type));
  }
};

std::vector<HandedShape> ShapesOf(const Tensors& tensors) {
  std::vector<HandedShape> shapes;
  for (const auto& tensor : tensors) shapes.push_back({tensor.sizes().vec(), tensor.scalar_type()});
  return shapes;
}

torch::Tensor WriteShapes(const Tensors& tensors) {
  auto header = torch::zeros({static_cast<int64_t>(tensors.size()), kShapeNumbers}, torch::kInt64);
  auto numbers = header.accessor<int64_t, 2>();
  for (size_t i = 0; i < tensors.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    TORCH_CHECK(tensors[i].dim() <= kShapeNumbers - 2, "handing on a state: expected at most ",
                kShapeNumbers - 2, " dimensions, got ", tensors[i].dim());
    numbers[row][0] = static_cast<int64_t>(tensors[i].scalar_type());
    numbers[row][1] = tensors[i].dim();
    for (int64_t d = 0; d < tensors[i].dim(); ++d) numbers[row][2 + d] = tensors[i].size(d);
  }
  return header;
}

std::vector<HandedShape> ReadShapes(const torch::Tensor& header) {
  std::vector<HandedShape> shapes;
  const auto numbers = header.accessor<int64_t, 2>();
  for (int64_t i = 0; i < header.size(0); ++i) {
    HandedShape shape{{}, static_cast<torch::ScalarType>(numbers[i][0])};
    for (int64_t d = 0; d < numbers[i][1]; ++d) shape.sizes.push_back(numbers[i][2 + d]);
    shapes.push_back(shape);
  }
  return shapes;
}

int64_t BytesOfShapes(const std::vector<HandedShape>& shapes) {
  int64_t sum = 0;
  for (const HandedShape& shape : shapes) sum += shape.bytes();
  return sum;
}

/// All of them in one message.
void SendAll(const Tensors& tensors, int64_t to, ContextRanks& ranks) {
  const auto message = torch::empty({BytesOfShapes(ShapesOf(tensors))}, torch::kUInt8);
  auto* at = message.mutable_data_ptr<uint8_t>();
  for (const auto& tensor : tensors) {
    const auto here = tensor.detach().to(torch::kCPU).contiguous();
    if (here.nbytes() > 0) std::memcpy(at, here.const_data_ptr(), here.nbytes());
    at += here.nbytes();
  }
  ranks.Send(message, to, RankLane::kStates);
}

Tensors ReceiveAll(const std::vector<HandedShape>& shapes, torch::Device device, int64_t from,
                   ContextRanks& ranks) {
  const auto message =
      ranks.StartReceive({BytesOfShapes(shapes)}, torch::kUInt8, from, RankLane::kStates)();
  const auto* at = message.const_data_ptr<uint8_t>();
  Tensors tensors;
  for (const HandedShape& shape : shapes) {
    const auto here = torch::empty(shape.sizes, shape.type);
    if (here.nbytes() > 0) std::memcpy(here.mutable_data_ptr(), at, here.nbytes());
    at += here.nbytes();
    tensors.push_back(here.to(device));
  }
  return tensors;
}

/// Those that a gradient passes.
std::vector<HandedShape> FloatingOnes(const std::vector<HandedShape>& shapes) {
  std::vector<HandedShape> floating;
  for (const HandedShape& shape : shapes) {
    if (c10::isFloatingType(shape.type)) floating.push_back(shape);
  }
  return floating;
}

/// Travels with a node to its backward.
struct HandedPass : torch::CustomClassHolder {
  ContextRanks* ranks = nullptr;
  int64_t count = 0;
  std::vector<HandedShape> shapes;
};

c10::intrusive_ptr<HandedPass> PassIn(torch::autograd::AutogradContext* context) {
  return c10::static_intrusive_pointer_cast<HandedPass>(context->saved_data["pass"].toCapsule());
}

class TakeFunction : public torch::autograd::Function<TakeFunction> {
 public:
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context,
                                                const torch::Tensor& x,
                                                c10::intrusive_ptr<HandedPass> pass) {
    const int64_t from = pass->ranks->rank() - 1;
    const auto header = pass->ranks->StartReceive({pass->count, kShapeNumbers}, torch::kInt64, from,
                                                  RankLane::kStates)();
    pass->shapes = ReadShapes(header);
    Tensors state = ReceiveAll(pass->shapes, x.device(), from, *pass->ranks);
    Tensors fixed;
    for (const auto& tensor : state) {
      if (!tensor.is_floating_point()) fixed.push_back(tensor);
    }
    context->mark_non_differentiable(fixed);
    context->saved_data["pass"] = torch::IValue::make_capsule(std::move(pass));
    return state;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list& grads) {
    const auto pass = PassIn(context);
    Tensors sent;
    for (size_t i = 0; i < grads.size(); ++i) {
      const HandedShape& shape = pass->shapes[i];
      if (!c10::isFloatingType(shape.type)) continue;
      // Where none came, the rank before still waits for one.
      sent.push_back(grads[i].defined() ? grads[i].to(shape.type)
                                        : torch::zeros(shape.sizes, shape.type));
    }
    SendAll(sent, pass->ranks->rank() - 1, *pass->ranks);
    return {torch::Tensor(), torch::Tensor()};
  }
};

class HandFunction : public torch::autograd::Function<HandFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& y,
                               at::TensorList last, c10::intrusive_ptr<HandedPass> pass) {
    const int64_t to = pass->ranks->rank() + 1;
    const Tensors tensors = last.vec();
    pass->shapes = ShapesOf(tensors);
    pass->ranks->Send(WriteShapes(tensors), to, RankLane::kStates);
    SendAll(tensors, to, *pass->ranks);
    context->saved_data["pass"] = torch::IValue::make_capsule(std::move(pass));
    return y.view_as(y);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list& grads) {
    const auto pass = PassIn(context);
    const Tensors came = ReceiveAll(FloatingOnes(pass->shapes), grads[0].device(),
                                    pass->ranks->rank() + 1, *pass->ranks);
    torch::autograd::variable_list result = {grads[0]};
    size_t next = 0;
    for (const HandedShape& shape : pass->shapes) {
      result.push_back(c10::isFloatingType(shape.type) ? came[next++] : torch::Tensor());
    }
    result.emplace_back();  // the pass
    return result;
  }
};

}  // namespace

std::vector<torch::Tensor> TakeState(const torch::Tensor& x, int64_t count, ContextRanks& ranks) {
  if (count == 0) return {};
  auto pass = c10::make_intrusive<HandedPass>();
  pass->ranks = &ranks;
  pass->count = count;
  // Only what has a gradient passes one on.
  const bool records = at::GradMode::is_enabled() && !x.requires_grad();
  return TakeFunction::apply(records ? x.detach().requires_grad_() : x, pass);
}

torch::Tensor HandOn(const torch::Tensor& y, const std::vector<torch::Tensor>& last,
                     ContextRanks& ranks) {
  if (last.empty()) return y;
  auto pass = c10::make_intrusive<HandedPass>();
  pass->ranks = &ranks;
  return HandFunction::apply(y, at::TensorList(last), pass);
}

int64_t BytesOfState(const std::vector<torch::Tensor>& tensors) {
  return static_cast<int64_t>(tensors.size() * kShapeNumbers * sizeof(int64_t)) +
         BytesOfShapes(ShapesOf(tensors));
}

int64_t BytesOfStateGradient(const std::vector<torch::Tensor>& tensors) {
  return BytesOfShapes(FloatingOnes(ShapesOf(tensors)));
}

}  // namespace longplay
