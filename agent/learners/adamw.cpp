// SPDX-License-Identifier: MIT
#include "agent/learners/adamw.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adamw.h>

#include <algorithm>
#include <stdexcept>

namespace longplay {

AdamW::AdamW(const torch::nn::Module& network, double weight_decay,
             const std::vector<std::string>& without_decay)
    : groups_(2) {
  groups_[0].weight_decay = weight_decay;
  for (const auto& item : network.named_parameters()) {
    // Decay is for matrices: not for norms, biases and embeddings, nor for what the model excepts.
    const bool decays = item.value().dim() >= 2 && item.key().find("embed") == std::string::npos &&
                        std::ranges::find(without_decay, item.key()) == without_decay.end();
    Group& group = groups_[decays ? 0 : 1];
    group.names.push_back(item.key());
    group.parameters.push_back(item.value());
    group.first.push_back(torch::zeros_like(item.value()));
    group.second.push_back(torch::zeros_like(item.value()));
    group.steps.push_back(torch::zeros({}, item.value().options().dtype(torch::kFloat32)));
  }
}

void AdamW::Step(double learning_rate) {
  const torch::NoGradGuard no_grad;
  for (Group& group : groups_) {
    if (group.parameters.empty()) continue;
    std::vector<torch::Tensor> gradients;
    for (const torch::Tensor& parameter : group.parameters) {
      // What this step did not use still decays, and its moments age.
      gradients.push_back(parameter.grad().defined() ? parameter.grad()
                                                     : torch::zeros_like(parameter));
    }
    at::_foreach_add_(group.steps, 1);
    // One kernel for all parameters of a group.
    at::_fused_adamw_(group.parameters, gradients, group.first, group.second, {}, group.steps,
                      learning_rate, kAdamBeta1, kAdamBeta2, group.weight_decay, kAdamEpsilon,
                      /*amsgrad=*/false, /*maximize=*/false);
  }
  ZeroGrad();
}

void AdamW::ZeroGrad() {
  for (Group& group : groups_) {
    for (torch::Tensor& parameter : group.parameters) parameter.mutable_grad().reset();
  }
}

double ClipScale(double norm, double limit) {
  // as in torch's clip_grad_norm_
  constexpr double kSmallest = 1e-6;
  return limit > 0 ? std::min(1.0, limit / (norm + kSmallest)) : 1;
}

// As torch::nn::utils::clip_grad_norm_, in a few kernels for all parameters together.
double AdamW::ClipGradients(double limit) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> gradients;
  for (const Group& group : groups_) {
    for (const torch::Tensor& parameter : group.parameters) {
      if (parameter.grad().defined()) gradients.push_back(parameter.grad());
    }
  }
  if (gradients.empty()) return 0;
  // The norm of all is the norm of their norms; one wait for the device.
  const double norm = torch::stack(at::_foreach_norm(gradients)).norm().item<double>();
  const double scale = ClipScale(norm, limit);
  if (scale < 1) at::_foreach_mul_(gradients, scale);
  return norm;
}

std::vector<torch::Tensor> AdamW::parameters() const {
  std::vector<torch::Tensor> all;
  for (const Group& group : groups_) {
    all.insert(all.end(), group.parameters.begin(), group.parameters.end());
  }
  return all;
}

TensorMap AdamW::state() const {
  TensorMap state;
  for (const Group& group : groups_) {
    for (size_t i = 0; i < group.names.size(); ++i) {
      state[group.names[i] + ".first"] = group.first[i];
      state[group.names[i] + ".second"] = group.second[i];
      state[group.names[i] + ".step"] = group.steps[i];
    }
  }
  return state;
}

void AdamW::Load(const TensorMap& state) {
  const torch::NoGradGuard no_grad;
  const auto fill = [&](torch::Tensor& tensor, const std::string& name) {
    const auto found = state.find(name);
    if (found == state.end() || found->second.sizes() != tensor.sizes()) {
      throw std::runtime_error("reading optimiser state: expected " + name +
                               ", got none that fits");
    }
    tensor.copy_(found->second);
  };
  for (Group& group : groups_) {
    for (size_t i = 0; i < group.names.size(); ++i) {
      fill(group.first[i], group.names[i] + ".first");
      fill(group.second[i], group.names[i] + ".second");
      fill(group.steps[i], group.names[i] + ".step");
    }
  }
}

}  // namespace longplay
