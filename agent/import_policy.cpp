// SPDX-License-Identifier: MIT
#include "agent/import_policy.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>

#include "agent/config.h"
#include "agent/export_policy.h"
#include "agent/import_architecture.h"
#include "agent/load_data.h"
#include "agent/trainer.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void Fail(const std::string& where, const std::string& expected,
                       const std::string& got) {
  throw std::runtime_error("importing: " + where + ": expected " + expected + ", got " + got);
}

ImportedPolicy ReadArchitecture(ImportFolder& folder) {
  const std::string type = folder.Text("model_type", "");
  if (type == "decision_transformer") return ImportDecisionTransformer(folder);
  if (type == kExportedModelType) return ImportExported(folder);
  folder.FailConfig("model_type", "decision_transformer or longplay_policy");
}

/// Policy units = data units.
Normalizer Identity(const ModelOptions& model) {
  return {.observation_mean = std::vector<double>(model.observation_size, 0),
          .observation_std = std::vector<double>(model.observation_size, 1),
          .action_center = std::vector<double>(model.action_size, 0),
          .action_scale = std::vector<double>(model.action_size, 1)};
}

void CheckSize(const std::string& where, const std::string& name, int64_t expected, int64_t got) {
  if (got == expected) return;
  Fail(where + ": " + name, std::to_string(expected) + " as in the policy", std::to_string(got));
}

/// What the data say beside a policy's weights: the observations' scale, the environment, returns.
void FitToRecordings(PolicyRecord& record, const TrajectorySet& set) {
  const DatasetInfo& data = set.info();
  CheckSize(data.path, "observation_size", record.options.model.observation_size,
            data.observation_size);
  CheckSize(data.path, "action_size", record.options.model.action_size, data.action_size);
  const Normalizer normalizer = set.ComputeNormalizer();
  record.normalizer.observation_mean = normalizer.observation_mean;
  record.normalizer.observation_std = normalizer.observation_std;
  EvaluateOptions& evaluate = record.options.evaluate;
  evaluate.environment = data.environment;
  evaluate.action_repeat = std::max<int64_t>(data.action_repeat, 1);
  evaluate.max_episode_steps = data.max_episode_steps;
  record.data_hash = set.hash();
  record.mean_return = 0;
  record.best_return = set.episode_return(0);
  for (int64_t e = 0; e < set.episodes(); ++e) {
    record.best_return = std::max(record.best_return, set.episode_return(e));
    record.mean_return += set.episode_return(e) / static_cast<double>(set.episodes());
  }
}

std::vector<double> Numbers(const nlohmann::json& json, const std::string& path,
                            const std::string& key, int64_t size, double low) {
  const std::string where = path + ": " + key;
  const std::string wanted =
      std::to_string(size) + " numbers" + (low > 0 ? " above 0" : "") + ", one per observation";
  const nlohmann::json& list = json.at(key);
  if (!list.is_array() || static_cast<int64_t>(list.size()) != size) Fail(where, wanted, "others");
  std::vector<double> numbers;
  for (const nlohmann::json& number : list) {
    if (!number.is_number() || !(number.get<double>() >= low)) Fail(where, wanted, "others");
    numbers.push_back(number.get<double>());
  }
  return numbers;
}

void ApplyStatistics(const std::string& path, Normalizer& normalizer) {
  std::ifstream file(path);
  if (!file || fs::is_directory(path)) Fail(path, "a readable file", "none");
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) Fail(path, "a JSON object with mean, std and scale", "something else");
  const int64_t size = normalizer.observation_size();
  constexpr double kAny = std::numeric_limits<double>::lowest();
  constexpr double kPositive = std::numeric_limits<double>::min();
  for (const auto& [key, value] : json.items()) {
    if (key == "mean") {
      normalizer.observation_mean = Numbers(json, path, key, size, kAny);
    } else if (key == "std") {
      normalizer.observation_std = Numbers(json, path, key, size, kPositive);
    } else if (key == "scale" && value.is_number() && value.get<double>() > 0) {
      normalizer.return_scale = 1 / value.get<double>();
    } else {
      Fail(path + ": " + key, "mean, std, or a scale above 0", "another key or value");
    }
  }
}

void Complete(ImportedPolicy& policy, const ImportOptions& options) {
  PolicyRecord& record = policy.record;
  if (record.normalizer.action_center.empty()) record.normalizer = Identity(record.options.model);
  if (!options.data.empty()) {
    record.options.data.files = {options.data};
    FitToRecordings(record, LoadData(record.options.data));
  }
  if (!options.statistics.empty()) ApplyStatistics(options.statistics, record.normalizer);
  EvaluateOptions& evaluate = record.options.evaluate;
  if (!options.environment.empty()) evaluate.environment = options.environment;
  if (options.target) evaluate.target = options.target;
  if (options.window) record.options.chain.window = *options.window;
  record.environment = evaluate.environment;
}

/// Parameters that the folder has no values for keep the ones drawn here.
PolicyNetwork MakeNetwork(const ImportedPolicy& policy) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(policy.record.options.train.seed);
  PolicyNetwork network(policy.record.options.model);
  if (policy.record.options.train.dtype == "float64") network->to(torch::kFloat64);
  auto parameters = network->named_parameters();
  for (const auto& [name, value] : policy.weights) {
    torch::Tensor* own = parameters.find(name);
    TORCH_CHECK(own != nullptr && own->sizes() == value.sizes(), "importing: ", name,
                ": expected a parameter of the policy of shape ", value.sizes(), ", got ",
                own == nullptr ? std::string("none") : c10::str(own->sizes()));
    own->copy_(value);
  }
  TORCH_CHECK(policy.weights.size() == parameters.size(), "importing: weights: expected ",
              parameters.size(), " parameters, got ", policy.weights.size());
  network->eval();
  return network;
}

void WriteRun(const std::string& run, const ImportedPolicy& policy, const PolicyNetwork& network) {
  fs::create_directories(run + "/checkpoints");
  std::ostringstream sampler;
  sampler << std::mt19937_64(policy.record.options.train.seed);
  SaveCheckpoint(
      run + "/checkpoints/step_" + std::to_string(policy.record.step), network, policy.record,
      {.sampler = sampler.str(), .generator = at::detail::getDefaultCPUGenerator().get_state()});
  if (!(std::ofstream(run + "/config.yaml") << ConfigToYaml(policy.record.options)).flush()) {
    throw std::runtime_error("importing: " + run + ": expected a writable folder, got none");
  }
}

}  // namespace

ImportResult ImportPolicy(const ImportOptions& options, const std::string& run) {
  if (!NewestCheckpoint(run).empty()) {
    throw std::invalid_argument("importing: " + run +
                                ": expected an empty run folder, got checkpoints");
  }
  ImportFolder folder(options.folder);
  ImportedPolicy policy = ReadArchitecture(folder);
  folder.CheckAllTaken();
  Complete(policy, options);
  const PolicyNetwork network = MakeNetwork(policy);
  WriteRun(run, policy, network);
  ImportResult result{.run = run, .architecture = policy.architecture};
  for (const torch::Tensor& parameter : network->parameters()) {
    result.parameters += parameter.numel();
  }
  if (!policy.note.empty() && !options.window) result.notes.push_back(policy.note);
  return result;
}

}  // namespace longplay
