// SPDX-License-Identifier: MIT
#include "model/policy/action_head.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <numbers>

#include "model/tensors/keyed_noise.h"

namespace longplay {
namespace {

/// Keeps a Gaussian's spread between 0.7 % and 7 times the action unit.
constexpr double kMinLogStd = -5, kMaxLogStd = 2;

struct Gaussian {
  torch::Tensor mean;     // [.., A]
  torch::Tensor log_std;  // [.., A]
};

Gaussian Split(const torch::Tensor& output) {
  const auto parts = output.chunk(2, -1);
  return {parts[0], parts[1].clamp(kMinLogStd, kMaxLogStd)};
}

/// [B, N] negative log-likelihood of the actions, divided by A.
torch::Tensor GaussianLoss(const torch::Tensor& output, const torch::Tensor& actions) {
  const Gaussian gaussian = Split(output);
  // -log N(action; mean, e^log_std) = z^2 / 2 + log_std + log(2 pi) / 2, z in standard deviations.
  const auto z = (actions - gaussian.mean) * torch::exp(-gaussian.log_std);
  const double constant = 0.5 * std::log(2 * std::numbers::pi);
  return (0.5 * z.square() + gaussian.log_std + constant).mean(-1);
}

torch::Tensor LossPerStep(ActionHead head, const torch::Tensor& output,
                          const torch::Tensor& actions) {
  switch (head) {
    case ActionHead::kSquaredError:
      return (torch::tanh(output) - actions).square().mean(-1);
    case ActionHead::kGaussian:
      return GaussianLoss(output, actions);
    case ActionHead::kCategorical:
      // One-hot actions pick the taken category's log-probability.
      return -(actions * torch::log_softmax(output, -1)).sum(-1);
  }
  TORCH_CHECK(false, "computing the loss: head: got unknown number ", static_cast<int>(head));
}

torch::Tensor OneHot(const torch::Tensor& index, const torch::Tensor& like) {
  return torch::zeros_like(like).scatter_(-1, index, 1);  // index [B, 1] → [B, A]
}

}  // namespace

LossSums ActionLoss(ActionHead head, const torch::Tensor& output, const torch::Tensor& actions,
                    const torch::Tensor& in_loss, const torch::Tensor& weights) {
  const int64_t outputs_per_action = head == ActionHead::kGaussian ? 2 : 1;
  TORCH_CHECK(output.dim() == 3 && actions.dim() == 3 && in_loss.dim() == 2 &&
                  output.size(2) == outputs_per_action * actions.size(2) &&
                  actions.sizes().slice(0, 2) == in_loss.sizes() &&
                  output.sizes().slice(0, 2) == in_loss.sizes(),
              "computing the loss: shapes: expected output [B, N, P], actions [B, N, A], in_loss "
              "[B, N], got ",
              output.sizes(), ", ", actions.sizes(), ", ", in_loss.sizes());
  // Padding may hold anything, even NaN, whose gradient would survive a product with zero.
  const auto taken = torch::where(in_loss.unsqueeze(-1), actions, torch::zeros_like(actions));
  auto per_step = LossPerStep(head, output, taken);  // [B, N]
  if (weights.defined()) per_step = per_step * weights;
  const auto counted = torch::where(in_loss, per_step, torch::zeros_like(per_step));
  return {counted.sum(), in_loss.sum().to(output.scalar_type())};
}

torch::Tensor ChooseAction(ActionHead head, const torch::Tensor& output, ActionChoice choice,
                           const torch::Tensor& keys) {
  const bool samples = choice != ActionChoice::kMean;
  switch (head) {
    case ActionHead::kSquaredError:
      return torch::tanh(output);
    case ActionHead::kGaussian: {
      const Gaussian gaussian = Split(output);
      if (!samples) return gaussian.mean.clamp(-1, 1);
      const auto noise = KeyedNormal(keys, gaussian.mean.size(-1)).to(output.options());
      return (gaussian.mean + gaussian.log_std.exp() * noise).clamp(-1, 1);
    }
    case ActionHead::kCategorical: {
      // The largest logit + Gumbel noise is a draw from the softmax.
      const auto logits =
          samples ? output + KeyedGumbel(keys, output.size(-1)).to(output.options()) : output;
      return OneHot(logits.argmax(-1, /*keepdim=*/true), output);
    }
  }
  TORCH_CHECK(false, "choosing an action: head: got unknown number ", static_cast<int>(head));
}

}  // namespace longplay
