// SPDX-License-Identifier: MIT
#include "agent/learners/acting_weights.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <sstream>
#include <stdexcept>
#include <string>

#include "agent/learners/actor.h"

namespace longplay {
namespace {

constexpr int64_t kProbeSteps = 4;

/// Fixed inputs: a few steps whose numbers depend on their place only.
StepTensors Probe(const ModelOptions& options, const torch::TensorOptions& tensor_options) {
  const auto wave = [&](int64_t width) {
    return torch::arange(kProbeSteps * width, torch::kFloat64).sin().to(tensor_options);
  };
  const int64_t n = kProbeSteps;
  return {.returns = wave(1).view({1, n}),
          .observations = wave(options.observation_size).view({1, n, options.observation_size}),
          .previous_actions = wave(options.action_size).view({1, n, options.action_size}),
          .previous_rewards = wave(1).view({1, n}),
          .previous_completions = torch::zeros({1, n}, tensor_options),
          .episode_steps = torch::arange(n, torch::kInt64).to(tensor_options.device()).view({1, n}),
          .episodes = torch::zeros(
              {1, n}, torch::TensorOptions(torch::kInt64).device(tensor_options.device()))};
}

}  // namespace

TensorMap NamedWeights(const PolicyNetwork& network) {
  TensorMap weights;
  for (const auto& item : network->named_parameters()) weights[item.key()] = item.value();
  return weights;
}

// The prefix tells an actor's files from a sequence model's.
TensorMap NamedWeights(const StackedMlp& actor) {
  TensorMap weights;
  for (const auto& [name, tensor] : actor.named_weights()) weights["actor." + name] = tensor;
  return weights;
}

torch::Tensor ProbeOutput(PolicyNetwork network) {
  const torch::NoGradGuard no_grad;
  // Without dropout, and left as it was found.
  const bool training = network->is_training();
  network->eval();
  const torch::TensorOptions options = network->parameters().front().options().requires_grad(false);
  const StepTensors steps = Probe(network->options(), options);
  const Prediction prediction = network->Predict(steps);
  torch::Tensor output = prediction.output;
  if (ValueHeads heads = network->values()) {
    const torch::Tensor values = heads->StateValues(prediction.features).unsqueeze(0);
    const torch::Tensor of_actions =
        heads->ActionValues(prediction.features, steps.previous_actions);
    output = torch::cat({output, torch::cat({values, of_actions}).permute({1, 2, 0})}, -1);
  }
  network->train(training);
  return output.to(torch::kCPU);
}

torch::Tensor ProbeOutput(const StackedMlp& actor) {
  const torch::NoGradGuard no_grad;
  const torch::TensorOptions options = actor.flat().options().requires_grad(false);
  // As many observations as the first layer has inputs.
  const int64_t observation_size = actor.named_weights().at("0.weight").size(1);
  const torch::Tensor observations =
      torch::arange(kProbeSteps * observation_size, torch::kFloat64).sin().to(options);
  return ActorActions(actor, observations.view({kProbeSteps, observation_size}),
                      StackedMlp::Weights::kFrozen)
      .to(torch::kCPU);
}

void CopyWeights(const TensorMap& from, const TensorMap& into, const std::string& path) {
  const torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : into) {
    const auto found = from.find(name);
    if (found == from.end() || found->second.sizes() != tensor.sizes()) {
      std::ostringstream expected;
      expected << name << " " << tensor.sizes();
      throw std::runtime_error("loading policy: " + path + ": expected " + expected.str() +
                               ", got none that fits");
    }
    tensor.copy_(found->second);
  }
}

}  // namespace longplay
