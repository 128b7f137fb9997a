// SPDX-License-Identifier: MIT
#include "agent/exchange/import_policy.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>

#include "agent/acting/make_environment.h"
#include "agent/acting/step_sizes.h"
#include "agent/batches/load_data.h"
#include "agent/exchange/export_policy.h"
#include "agent/exchange/import_architecture.h"
#include "agent/learners/actor.h"
#include "agent/runs/run_folder.h"
#include "agent/training/fit_to_data.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void Refuse(const std::string& where, const std::string& expected,
                         const std::string& got) {
  throw std::runtime_error("importing: " + where + ": expected " + expected + ", got " + got);
}

ImportedPolicy ReadArchitecture(ImportFolder& folder) {
  const std::string type = folder.Text("model_type", "");
  if (type == "decision_transformer") return ImportDecisionTransformer(folder);
  if (type == "mamba") return ImportMamba(folder);
  if (type == "mamba2") return ImportMamba2(folder);
  if (type == "rwkv") return ImportRwkv(folder);
  if (type == kExportedModelType) return ImportExported(folder);
  folder.FailConfig("model_type", "decision_transformer, mamba, mamba2, rwkv or longplay_policy");
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
  Refuse(where + ": " + name, std::to_string(expected) + " as in the policy", std::to_string(got));
}

void CheckEnvironment(const std::string& id, const PolicyRecord& record) {
  const ModelOptions& model = record.options.model;
  // Made once, to compare sizes before anything is written.
  const std::unique_ptr<Environment> environment = MakeEnvironment(id, {.batch = 1, .threads = 1});
  CheckSize(id, "observation_size", model.observation_size, environment->spec().observation_size);
  CheckSize(id, "action_size", model.action_size, environment->spec().action_size);
  if (ActionKindOf(environment->spec()) != record.action_kind) {
    Refuse(id + ": actions", "the policy's kind", "discrete beside continuous ones");
  }
}

/// What the data say beside a policy's weights: the observations' scale, the environment, returns.
void FitToRecordings(PolicyRecord& record, const EpisodeSet& set) {
  const DatasetInfo& data = set.info();
  if (data.action_kind != record.action_kind) {
    Refuse(data.path + ": actions", "the policy's kind", "discrete beside continuous ones");
  }
  CheckSize(data.path, "observation_size", record.options.model.observation_size,
            data.observation_size);
  CheckSize(data.path, "action_size", record.options.model.action_size, data.action_size);
  EvaluateOptions& evaluate = record.options.evaluate;
  evaluate.environment = data.environment;
  evaluate.action_repeat = std::max<int64_t>(data.action_repeat, 1);
  evaluate.max_episode_steps = data.max_episode_steps;
  // Only what the data know is taken from them: the observations' mean and deviation, returns.
  PolicyRecord fitted = MakePolicyRecord(record.options, set);
  record.normalizer.observation_mean = fitted.normalizer.observation_mean;
  record.normalizer.observation_std = fitted.normalizer.observation_std;
  // Its makers chose the units of its actions and returns, not these data.
  fitted.normalizer = record.normalizer;
  fitted.step = record.step;
  fitted.trained = record.trained;
  record = std::move(fitted);
}

std::vector<double> Numbers(const nlohmann::json& json, const std::string& path,
                            const std::string& key, int64_t size, double low) {
  const std::string where = path + ": " + key;
  const std::string wanted =
      std::to_string(size) + " numbers" + (low > 0 ? " above 0" : "") + ", one per observation";
  const nlohmann::json& list = json.at(key);
  if (!list.is_array() || static_cast<int64_t>(list.size()) != size)
    Refuse(where, wanted, "others");
  std::vector<double> numbers;
  for (const nlohmann::json& number : list) {
    if (!number.is_number() || !(number.get<double>() >= low)) Refuse(where, wanted, "others");
    numbers.push_back(number.get<double>());
  }
  return numbers;
}

void ApplyStatistics(const std::string& path, Normalizer& normalizer) {
  std::ifstream file(path);
  if (!file || fs::is_directory(path)) Refuse(path, "a readable file", "none");
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) Refuse(path, "a JSON object with mean, std and scale", "something else");
  const int64_t size = normalizer.observation_size();
  // As its makers had it: mean and std of observations, and what returns were divided by.
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
      Refuse((path + ": ").append(key), "mean, std, or a scale above 0", "another key or value");
    }
  }
}

/// A trunk becomes a policy for the data, or for the sizes asked for.
void FitTrunk(PolicyRecord& record, const ImportOptions& options) {
  if (!options.data.empty()) {
    record.options.data.files = {options.data};
    const EpisodeSet set = LoadData(record.options.data);
    record = MakePolicyRecord(FitToData(record.options, set), set);
    return;
  }
  if (options.observation_size < 1 || options.action_size < 1) {
    throw std::invalid_argument("importing: " + options.folder +
                                ": expected --data, or --observation-size and --action-size, "
                                "beside a sequence model that is no policy, got none");
  }
  // Without data: sizes alone, and Complete adds a normalizer that changes nothing.
  record.options.model.observation_size = options.observation_size;
  record.options.model.action_size = options.action_size;
}

void Complete(ImportedPolicy& policy, const ImportOptions& options) {
  PolicyRecord& record = policy.record;
  // 1: what the policy is and expects. Later lines override earlier ones.
  if (policy.is_trunk) FitTrunk(record, options);
  if (record.trained == TrainedRange()) record.trained = TrainedRangeOf(record.options);
  if (record.normalizer.action_center.empty()) record.normalizer = Identity(record.options.model);
  if (!options.data.empty() && !policy.is_trunk) {
    record.options.data.files = {options.data};
    FitToRecordings(record, LoadData(record.options.data));
  }
  if (!options.statistics.empty()) ApplyStatistics(options.statistics, record.normalizer);
  EvaluateOptions& evaluate = record.options.evaluate;
  // 2: where and how it plays; what was asked for goes before what data say.
  if (!options.environment.empty()) {
    CheckEnvironment(options.environment, record);
    evaluate.environment = options.environment;
  }
  evaluate.action_repeat = std::max<int64_t>(evaluate.action_repeat, 1);
  if (options.target) evaluate.target = options.target;
  if (options.window) record.options.chain.window = *options.window;
  if (record.environment != evaluate.environment) record.reference.reset();  // another task's
  record.environment = evaluate.environment;
  record.options.head = record.options.model.head;
}

/// Beside a trunk, the other parameters keep what is drawn here.
PolicyNetwork MakeNetwork(const ImportedPolicy& policy) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(policy.record.options.train.seed);
  const RunOptions& options = policy.record.options;
  PolicyNetwork network(options.model, ValueHidden(options.train.method, options.methods));
  if (policy.record.options.train.dtype == "float64") network->to(torch::kFloat64);
  // Every tensor must have a place.
  auto parameters = network->named_parameters();
  for (const auto& [name, value] : policy.weights) {
    torch::Tensor* own = parameters.find(name);
    TORCH_CHECK(own != nullptr && own->sizes() == value.sizes(), "importing: ", name,
                ": expected a parameter of the policy of shape ", value.sizes(), ", got ",
                own == nullptr ? std::string("none") : c10::str(own->sizes()));
    own->copy_(value);
  }
  // Every place must have a tensor, but for those that a trunk does not bring.
  for (const auto& item : parameters) {
    const bool fresh = policy.is_trunk && !item.key().starts_with("layers.") &&
                       !item.key().starts_with("final_norm.");
    TORCH_CHECK(fresh || policy.weights.contains(item.key()),
                "importing: weights: expected a tensor for ", item.key(), ", got none");
  }
  network->eval();
  return network;
}

StackedMlp MakeImportedActor(const ImportedPolicy& policy) {
  const torch::NoGradGuard no_grad;
  const RunOptions& options = policy.record.options;
  const auto type = options.train.dtype == "float64" ? torch::kFloat64 : torch::kFloat32;
  StackedMlp actor = MakeActor(options.model.observation_size, options.model.action_size,
                               EntryOf(options.train.method).actor_hidden(options.methods),
                               at::detail::createCPUGenerator(), type);
  for (const auto& [name, tensor] : actor.named_weights()) {
    const auto found = policy.weights.find("actor." + name);
    TORCH_CHECK(found != policy.weights.end() && found->second.sizes() == tensor.sizes(),
                "importing: actor.", name, ": expected a tensor of shape ", tensor.sizes(),
                ", got none");
    tensor.copy_(found->second);
  }
  return actor;
}

void WriteRun(const std::string& run, const PolicyRecord& record, const ActingWeights& acting) {
  PrepareRun(run, RunStart::kFresh);
  WriteRunConfig(run, record.options);
  // A checkpoint holds the sampler's state; nothing was drawn yet.
  std::ostringstream sampler;
  sampler << std::mt19937_64(record.options.train.seed);
  SaveCheckpoint(CheckpointFolder(run, record.step), acting, record, {.sampler = sampler.str()});
}

ActingWeights MakeImportedWeights(const ImportedPolicy& policy) {
  if (EntryOf(policy.record.options.train.method).acts_with == ActsWith::kActor) {
    const StackedMlp actor = MakeImportedActor(policy);
    return {.weights = NamedWeights(actor), .probe = ProbeOutput(actor)};
  }
  const PolicyNetwork network = MakeNetwork(policy);
  return {.weights = NamedWeights(network), .probe = ProbeOutput(network)};
}

}  // namespace

ImportResult ImportPolicy(const ImportOptions& options, const std::string& run) {
  if (!NewestCheckpoint(run).empty()) {
    throw std::invalid_argument("importing: " + run +
                                ": expected an empty run folder, got checkpoints (--out DIR names "
                                "another)");
  }
  // Reading, completing; the run folder is written when nothing can be wrong any more.
  ImportFolder folder(options.folder);
  ImportedPolicy policy = ReadArchitecture(folder);
  folder.CheckAllTaken();
  Complete(policy, options);
  ImportResult result{.run = run, .architecture = policy.architecture};
  const ActingWeights acting = MakeImportedWeights(policy);
  WriteRun(run, policy.record, acting);
  for (const auto& [name, tensor] : acting.weights) result.parameters += tensor.numel();
  if (!policy.note.empty() && !options.window) result.notes.push_back(policy.note);
  return result;
}

}  // namespace longplay
