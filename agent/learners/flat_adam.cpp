// SPDX-License-Identifier: MIT
#include "agent/learners/flat_adam.h"

#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <stdexcept>
#include <utility>

#include "agent/learners/adamw.h"

namespace longplay {
FlatAdam::FlatAdam(torch::Tensor parameters)
    : parameters_(std::move(parameters)),
      first_(at::zeros_like(parameters_.detach())),
      second_(at::zeros_like(parameters_.detach())),
      step_(at::zeros({}, parameters_.options().dtype(at::kFloat).requires_grad(false))) {}

void FlatAdam::Step(double learning_rate) {
  const at::NoGradGuard no_grad;
  // The weights are one tensor, hence one kernel.
  step_ += 1;
  at::_fused_adam_({parameters_}, {parameters_.grad()}, {first_}, {second_}, {}, {step_},
                   learning_rate, kAdamBeta1, kAdamBeta2, /*weight_decay=*/0, kAdamEpsilon,
                   /*amsgrad=*/false, /*maximize=*/false);
}

// Set to 0, not dropped: the layers' gradients are views of it.
void FlatAdam::ZeroGrad() { parameters_.mutable_grad().zero_(); }

double FlatAdam::ClipGradients(double limit) {
  const at::NoGradGuard no_grad;
  const double norm = parameters_.grad().norm().item<double>();
  const double scale = ClipScale(norm, limit);
  if (scale < 1) parameters_.mutable_grad().mul_(scale);
  return norm;
}

void FlatAdam::Save(const std::string& name, TensorMap& state) const {
  state[name + ".first"] = first_;
  state[name + ".second"] = second_;
  state[name + ".step"] = step_;
}

void FlatAdam::Load(const std::string& name, const TensorMap& state) {
  CopyFrom(state, name + ".first", first_);
  CopyFrom(state, name + ".second", second_);
  CopyFrom(state, name + ".step", step_);
}

void CopyFrom(const TensorMap& state, const std::string& name, torch::Tensor& tensor) {
  const at::NoGradGuard no_grad;
  const auto found = state.find(name);
  if (found == state.end() || found->second.sizes() != tensor.sizes()) {
    throw std::runtime_error("reading training state: expected " + name + " of " +
                             std::to_string(tensor.numel()) + " numbers, got none that fits");
  }
  tensor.copy_(found->second);
}

}  // namespace longplay
