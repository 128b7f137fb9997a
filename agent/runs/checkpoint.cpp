// SPDX-License-Identifier: MIT
#include "agent/runs/checkpoint.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "agent/config/config.h"
#include "agent/files/safetensors.h"
#include "agent/learners/td3_bc.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
constexpr int64_t kProbeSteps = 4;

std::string ReadText(const fs::path& path) {
  std::ifstream file(path);
  if (!file) {
    throw std::runtime_error("loading policy: " + path.string() + ": expected a file, got none");
  }
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void WriteText(const fs::path& path, const std::string& text) {
  if (!(std::ofstream(path) << text).flush()) {
    throw std::runtime_error("writing checkpoint: " + path.string() +
                             ": expected room, got an error");
  }
}

/// Everything below `folder` reaches the disk before this returns.
void Flush(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const int file = open(entry.path().c_str(), O_RDONLY);
    if (file >= 0) {
      fsync(file);
      close(file);
    }
  }
}

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

torch::Tensor ProbeOutput(PolicyNetwork network) {
  const torch::NoGradGuard no_grad;
  const bool training = network->is_training();
  network->eval();
  const torch::TensorOptions options = network->parameters().front().options().requires_grad(false);
  const torch::Tensor output = network->forward(Probe(network->options(), options));
  network->train(training);
  return output.to(torch::kCPU);
}

torch::Tensor ProbeOutput(const StackedMlp& actor) {
  const torch::NoGradGuard no_grad;
  const torch::TensorOptions options = actor.flat().options().requires_grad(false);
  const int64_t observation_size = actor.named_weights().at("0.weight").size(1);
  const torch::Tensor observations =
      torch::arange(kProbeSteps * observation_size, torch::kFloat64).sin().to(options);
  return ActorActions(actor, observations.view({kProbeSteps, observation_size}),
                      StackedMlp::Weights::kFrozen)
      .to(torch::kCPU);
}

TensorMap NamedWeights(const PolicyNetwork& network) {
  TensorMap weights;
  for (const auto& item : network->named_parameters()) weights[item.key()] = item.value();
  return weights;
}

TensorMap NamedWeights(const StackedMlp& actor) {
  TensorMap weights;
  for (const auto& [name, tensor] : actor.named_weights()) weights["actor." + name] = tensor;
  return weights;
}

void LoadWeights(const TensorMap& into, const std::string& path) {
  const torch::NoGradGuard no_grad;
  const TensorMap weights = ReadSafetensors(path);
  for (const auto& [name, tensor] : into) {
    const auto found = weights.find(name);
    if (found == weights.end() || found->second.sizes() != tensor.sizes()) {
      std::ostringstream expected;
      expected << name << " " << tensor.sizes();
      throw std::runtime_error("loading policy: " + path + ": expected " + expected.str() +
                               ", got none that fits");
    }
    tensor.copy_(found->second);
  }
}

void CheckProbe(const torch::Tensor& now, const std::string& path) {
  const TensorMap probe = ReadSafetensors(path);
  const auto stored = probe.find("output");
  // Another machine's kernels may round differently; damaged weights differ by far more.
  if (stored == probe.end() || stored->second.sizes() != now.sizes() ||
      !torch::allclose(stored->second, now.to(stored->second.scalar_type()), 1e-3, 1e-3)) {
    throw std::runtime_error("loading policy: " + path +
                             ": expected the output stored with the weights, got another");
  }
}

/// `network` is a PolicyNetwork or an actor.
template <typename Network>
void Save(const std::string& folder, const Network& network, const PolicyRecord& record,
          const TrainingState& training) {
  const fs::path temporary = folder + ".partial";
  fs::remove_all(temporary);
  fs::create_directories(temporary);
  WriteSafetensors(temporary / "weights.safetensors", NamedWeights(network), {{"format", "pt"}});
  WriteSafetensors(temporary / "probe.safetensors", {{"output", ProbeOutput(network)}});
  TensorMap state = training.optimizer;
  state["generator"] = training.generator;
  WriteSafetensors(temporary / "training.safetensors", state);
  WriteText(temporary / "sampler.txt", training.sampler);
  WriteText(temporary / "policy.json", ToJson(record).dump(1) + "\n");
  WriteText(temporary / "config.yaml", ConfigToYaml(record.options));
  Flush(temporary);
  fs::remove_all(folder);
  fs::rename(temporary, folder);
}

void LoadNetwork(LoadedPolicy& loaded, const torch::Device& device) {
  const fs::path folder = loaded.folder;
  loaded.network = PolicyNetwork(loaded.record.options.model);
  if (loaded.record.options.train.dtype == "float64") loaded.network->to(torch::kFloat64);
  LoadWeights(NamedWeights(loaded.network), folder / "weights.safetensors");
  loaded.network->to(device);
  loaded.network->eval();
  CheckProbe(ProbeOutput(loaded.network), folder / "probe.safetensors");
}

void LoadActor(LoadedPolicy& loaded, const torch::Device& device) {
  const fs::path folder = loaded.folder;
  const RunOptions& options = loaded.record.options;
  const auto type = options.train.dtype == "float64" ? torch::kFloat64 : torch::kFloat32;
  const StackedMlp actor = MakeActor(options.model.observation_size, options.model.action_size,
                                     options.train.td3_bc.hidden, at::detail::createCPUGenerator(),
                                     torch::TensorOptions(type).device(device));
  LoadWeights(NamedWeights(actor), folder / "weights.safetensors");
  CheckProbe(ProbeOutput(actor), folder / "probe.safetensors");
  loaded.actor = std::make_shared<const StackedMlp>(actor);
}

}  // namespace

void SaveCheckpoint(const std::string& folder, const PolicyNetwork& network,
                    const PolicyRecord& record, const TrainingState& training) {
  Save(folder, network, record, training);
}

void SaveCheckpoint(const std::string& folder, const StackedMlp& actor, const PolicyRecord& record,
                    const TrainingState& training) {
  Save(folder, actor, record, training);
}

LoadedPolicy LoadPolicy(const std::string& path, const torch::Device& device) {
  LoadedPolicy loaded;
  loaded.folder = fs::exists(fs::path(path) / "policy.json") ? path : NewestCheckpoint(path);
  if (loaded.folder.empty()) {
    throw std::runtime_error("loading policy: " + path +
                             ": expected a run folder or checkpoint, got none");
  }
  const fs::path folder = loaded.folder;
  RunOptions options;
  try {
    options = ParseConfig(ReadText(folder / "config.yaml"), folder / "config.yaml", {});
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(error.what());
  }
  options.model.head = options.head.value_or(options.model.head);
  loaded.record =
      PolicyRecordFromJson(nlohmann::json::parse(ReadText(folder / "policy.json"), nullptr, false),
                           folder / "policy.json", std::move(options));
  switch (loaded.record.options.train.method) {
    case Method::kSequence:
      LoadNetwork(loaded, device);
      break;
    case Method::kTd3Bc:
      LoadActor(loaded, device);
      break;
  }
  return loaded;
}

TrainingState LoadTrainingState(const std::string& checkpoint_folder) {
  const fs::path folder = checkpoint_folder;
  TrainingState state;
  state.optimizer = ReadSafetensors(folder / "training.safetensors");
  const auto generator = state.optimizer.find("generator");
  if (generator == state.optimizer.end()) {
    throw std::runtime_error("loading training state: " + checkpoint_folder +
                             ": expected a generator, got none");
  }
  state.generator = generator->second;
  state.optimizer.erase(generator);
  state.sampler = ReadText(folder / "sampler.txt");
  return state;
}

}  // namespace longplay
