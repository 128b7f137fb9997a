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
#include "agent/learners/actor.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

std::string ReadText(const fs::path& path) {
  std::ifstream file(path);
  if (!file) {
    throw std::runtime_error("loading policy: " + path.string() +
                             ": expected a file, got none: there is no such file");
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

void LoadWeights(const fs::path& folder, const TensorMap& into) {
  const fs::path path = folder / "weights.safetensors";
  CopyWeights(ReadSafetensors(path), into, path);
}

PolicyNetwork MakeEmptyNetwork(const RunOptions& options) {
  PolicyNetwork network(options.model, ValueHidden(options.train.method, options.methods));
  if (options.train.dtype == "float64") network->to(torch::kFloat64);
  return network;
}

StackedMlp MakeEmptyActor(const RunOptions& options, const torch::Device& device) {
  const auto type = options.train.dtype == "float64" ? torch::kFloat64 : torch::kFloat32;
  // What is drawn here is overwritten by the checkpoint's weights.
  return MakeActor(options.model.observation_size, options.model.action_size,
                   EntryOf(options.train.method).actor_hidden(options.methods),
                   at::detail::createCPUGenerator(), torch::TensorOptions(type).device(device));
}

void LoadNetwork(LoadedPolicy& loaded, const torch::Device& device) {
  const fs::path folder = loaded.folder;
  loaded.network = MakeEmptyNetwork(loaded.record.options);
  LoadWeights(folder, NamedWeights(loaded.network));
  loaded.network->to(device);
  loaded.network->eval();
  // Where it will act: this device's kernels are checked with it.
  CheckProbe(ProbeOutput(loaded.network), folder / "probe.safetensors");
}

void LoadActor(LoadedPolicy& loaded, const torch::Device& device) {
  const fs::path folder = loaded.folder;
  const StackedMlp actor = MakeEmptyActor(loaded.record.options, device);
  LoadWeights(folder, NamedWeights(actor));
  CheckProbe(ProbeOutput(actor), folder / "probe.safetensors");
  loaded.actor = std::make_shared<const StackedMlp>(actor);
}

}  // namespace

void SaveCheckpoint(const std::string& folder, const ActingWeights& acting,
                    const PolicyRecord& record, const TrainingState& training) {
  // Phase 1: everything into a folder beside it, which nobody takes for a checkpoint.
  const fs::path temporary = folder + ".partial";
  fs::remove_all(temporary);
  fs::create_directories(temporary);
  WriteSafetensors(temporary / "weights.safetensors", acting.weights, {{"format", "pt"}});
  WriteSafetensors(temporary / "probe.safetensors", {{"output", acting.probe}});
  WriteSafetensors(temporary / "training.safetensors", training.optimizer);
  WriteText(temporary / "sampler.txt", training.sampler);
  WriteText(temporary / "log.json", training.log.dump() + "\n");
  WriteText(temporary / "policy.json", ToJson(record).dump(1) + "\n");
  WriteText(temporary / "config.yaml", ConfigToYaml(record.options));
  // Phase 2: on the disk first, then the name, so that what has the name is whole.
  Flush(temporary);
  fs::remove_all(folder);
  fs::rename(temporary, folder);
}

LoadedPolicy PolicyOf(const TensorMap& weights, const PolicyRecord& record) {
  LoadedPolicy policy{.record = record};
  const torch::Device device = weights.begin()->second.device();
  switch (EntryOf(record.options.train.method).acts_with) {
    case ActsWith::kSequenceModel:
      policy.network = MakeEmptyNetwork(record.options);
      CopyWeights(weights, NamedWeights(policy.network), "copying a policy");
      policy.network->to(device);
      policy.network->eval();
      break;
    case ActsWith::kActor: {
      const StackedMlp actor = MakeEmptyActor(record.options, device);
      CopyWeights(weights, NamedWeights(actor), "copying a policy");
      policy.actor = std::make_shared<const StackedMlp>(actor);
      break;
    }
  }
  return policy;
}

TensorMap NamedWeights(const LoadedPolicy& policy) {
  return policy.network ? NamedWeights(policy.network) : NamedWeights(*policy.actor);
}

LoadedPolicy LoadPolicy(const std::string& path, const torch::Device& device) {
  LoadedPolicy loaded;
  loaded.folder = fs::exists(fs::path(path) / "policy.json") ? path : NewestCheckpoint(path);
  if (loaded.folder.empty()) {
    throw std::runtime_error("loading policy: " + path +
                             ": expected a run folder or checkpoint, got " +
                             (fs::exists(path) ? "one without checkpoints (`longplay train` makes "
                                                 "them; `longplay import` makes a run of weights)"
                                               : "none: there is no such folder"));
  }
  const fs::path folder = loaded.folder;
  // longplay wrote this file, not the caller: what is wrong there is damage.
  const std::string config = ReadText(folder / "config.yaml");
  if (config.empty()) {
    throw std::runtime_error("loading policy: " + (folder / "config.yaml").string() +
                             ": expected a configuration, got an empty file");
  }
  RunOptions options;
  try {
    options = ParseConfig(config, folder / "config.yaml", {});
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(error.what());
  }
  options.model.head = options.head.value_or(options.model.head);
  loaded.record =
      PolicyRecordFromJson(nlohmann::json::parse(ReadText(folder / "policy.json"), nullptr, false),
                           folder / "policy.json", std::move(options));
  // Weights last: options and record say what they go into.
  switch (EntryOf(loaded.record.options.train.method).acts_with) {
    case ActsWith::kSequenceModel:
      LoadNetwork(loaded, device);
      break;
    case ActsWith::kActor:
      LoadActor(loaded, device);
      break;
  }
  return loaded;
}

TrainingState LoadTrainingState(const std::string& checkpoint_folder) {
  const fs::path folder = checkpoint_folder;
  TrainingState state;
  state.optimizer = ReadSafetensors(folder / "training.safetensors");
  state.optimizer.erase("generator");  // of versions whose noise came from one
  state.sampler = ReadText(folder / "sampler.txt");
  // Not in checkpoints of 0.1, whose log begins anew.
  if (fs::exists(folder / "log.json")) {
    state.log = nlohmann::json::parse(ReadText(folder / "log.json"), nullptr, false);
    if (state.log.is_discarded()) {
      throw std::runtime_error("loading policy: " + (folder / "log.json").string() +
                               ": expected JSON, got something else");
    }
  }
  return state;
}

}  // namespace longplay
