// SPDX-License-Identifier: MIT
#include "agent/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "agent/config.h"
#include "agent/safetensors.h"
#include "agent/version.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
constexpr int kSchema = 1;
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

void LoadWeights(PolicyNetwork& network, const std::string& path) {
  const torch::NoGradGuard no_grad;
  const TensorMap weights = ReadSafetensors(path);
  for (auto& item : network->named_parameters()) {
    const auto found = weights.find(item.key());
    if (found == weights.end() || found->second.sizes() != item.value().sizes()) {
      std::ostringstream expected;
      expected << item.key() << " " << item.value().sizes();
      throw std::runtime_error("loading policy: " + path + ": expected " + expected.str() +
                               ", got none that fits");
    }
    item.value().copy_(found->second);
  }
}

void CheckProbe(const PolicyNetwork& network, const std::string& path) {
  const TensorMap probe = ReadSafetensors(path);
  const torch::Tensor now = ProbeOutput(network);
  const auto stored = probe.find("output");
  // Another machine's kernels may round differently; damaged weights differ by far more.
  if (stored == probe.end() || stored->second.sizes() != now.sizes() ||
      !torch::allclose(stored->second, now.to(stored->second.scalar_type()), 1e-3, 1e-3)) {
    throw std::runtime_error("loading policy: " + path +
                             ": expected the output stored with the weights, got another");
  }
}

nlohmann::json ReferenceJson(const std::optional<ReturnReference>& reference) {
  if (!reference) return nullptr;
  return {{"zero", reference->zero}, {"hundred", reference->hundred}};
}

/// None in checkpoints that were written before they had it.
std::optional<ReturnReference> ReferenceFromJson(const nlohmann::json& record) {
  const nlohmann::json json = record.value("reference_returns", nlohmann::json());
  if (json.is_null()) return std::nullopt;
  return ReturnReference{
      .zero = json.at("zero"), .hundred = json.at("hundred"), .source = "data file"};
}

}  // namespace

nlohmann::json ToJson(const PolicyRecord& record) {
  const ModelOptions& model = record.options.model;
  return {{"schema", kSchema},
          {"versions", Versions()},
          {"normalizer", ToJson(record.normalizer)},
          {"action_kind", record.action_kind == ActionKind::kDiscrete ? "discrete" : "continuous"},
          {"best_return", record.best_return},
          {"mean_return", record.mean_return},
          {"environment", record.environment},
          {"reference_returns", ReferenceJson(record.reference)},
          {"data_hash", std::to_string(record.data_hash)},
          {"step", record.step},
          {"sizes",
           {{"observation_size", model.observation_size},
            {"action_size", model.action_size},
            {"max_episode_steps", model.max_episode_steps},
            {"max_episodes", model.max_episodes}}}};
}

PolicyRecord PolicyRecordFromJson(const nlohmann::json& json, const std::string& path,
                                  RunOptions options) {
  PolicyRecord record{.options = std::move(options)};
  try {
    if (json.at("schema").get<int>() > kSchema) {
      throw std::runtime_error("loading policy: " + path + ": expected schema " +
                               std::to_string(kSchema) + " or older, got " + json["schema"].dump() +
                               ": a newer longplay wrote it");
    }
    record.normalizer = NormalizerFromJson(json.at("normalizer"));
    record.action_kind =
        json.at("action_kind") == "discrete" ? ActionKind::kDiscrete : ActionKind::kContinuous;
    json.at("best_return").get_to(record.best_return);
    json.at("mean_return").get_to(record.mean_return);
    json.at("environment").get_to(record.environment);
    record.reference = ReferenceFromJson(json);
    json.at("step").get_to(record.step);
    record.data_hash = std::stoull(json.at("data_hash").get<std::string>());
    ModelOptions& model = record.options.model;
    json.at("sizes").at("observation_size").get_to(model.observation_size);
    json.at("sizes").at("action_size").get_to(model.action_size);
    json.at("sizes").at("max_episode_steps").get_to(model.max_episode_steps);
    json.at("sizes").at("max_episodes").get_to(model.max_episodes);
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error("loading policy: " + path + ": expected a policy record, got " +
                             error.what());
  }
  return record;
}

void SaveCheckpoint(const std::string& folder, const PolicyNetwork& network,
                    const PolicyRecord& record, const TrainingState& training) {
  const fs::path temporary = folder + ".partial";
  fs::remove_all(temporary);
  fs::create_directories(temporary);
  TensorMap weights;
  for (const auto& item : network->named_parameters()) weights[item.key()] = item.value();
  WriteSafetensors(temporary / "weights.safetensors", weights, {{"format", "pt"}});
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

std::vector<int64_t> CheckpointSteps(const std::string& run_folder) {
  constexpr std::string_view kPrefix = "step_";
  std::vector<int64_t> steps;
  const fs::path folder = fs::path(run_folder) / "checkpoints";
  if (!fs::is_directory(folder)) return steps;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    int64_t step = -1;
    if (!name.starts_with(kPrefix)) continue;
    const char* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + kPrefix.size(), end, step);
    if (parsed.ec == std::errc() && parsed.ptr == end && step >= 0) steps.push_back(step);
  }
  std::ranges::sort(steps);
  return steps;
}

std::string CheckpointFolder(const std::string& run_folder, int64_t step) {
  return fs::path(run_folder) / "checkpoints" / ("step_" + std::to_string(step));
}

std::string NewestCheckpoint(const std::string& run_folder) {
  const std::vector<int64_t> steps = CheckpointSteps(run_folder);
  return steps.empty() ? "" : CheckpointFolder(run_folder, steps.back());
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
  loaded.network = PolicyNetwork(loaded.record.options.model);
  if (loaded.record.options.train.dtype == "float64") loaded.network->to(torch::kFloat64);
  LoadWeights(loaded.network, folder / "weights.safetensors");
  loaded.network->to(device);
  loaded.network->eval();
  CheckProbe(loaded.network, folder / "probe.safetensors");
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
