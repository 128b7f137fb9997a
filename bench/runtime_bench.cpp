// SPDX-License-Identifier: MIT
// One line of JSON: an action of a policy with random weights by LibTorch and by runtime/, side by
// side in one process, at a context of so many steps.
//   bench_runtime mixer=attention steps=1000 actions=200 key_values=float32 weights=float32
// tokens=3 (return, observation, action, interleaved) or 1 (all five, merged); libtorch=0 leaves
// LibTorch out, for many actions.
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent/acting/make_policy.h"
#include "agent/exchange/export_policy.h"
#include "agent/learners/acting_weights.h"
#include "agent/runs/checkpoint.h"
#include "runtime/longplay.h"

namespace longplay {
namespace {

constexpr int64_t kObservations = 17, kActions = 6;  // HalfCheetah's
constexpr int64_t kBlock = 20;                       // actions of one before the other's turn

struct BenchArguments {
  std::map<std::string, std::string> given;

  std::string Text(const std::string& name, const std::string& otherwise) const {
    const auto found = given.find(name);
    return found == given.end() ? otherwise : found->second;
  }
  int64_t Number(const std::string& name, int64_t otherwise) const {
    return std::stoll(Text(name, std::to_string(otherwise)));
  }
};

RunOptions OptionsOf(const BenchArguments& arguments) {
  RunOptions options;
  ModelOptions& model = options.model;
  const std::string mixer = arguments.Text("mixer", "attention");
  for (const MixerName& name : kMixerNames) {
    if (mixer.starts_with(name.name)) model.mixer = name.kind;
  }
  if (mixer == "rwkv4") model.rwkv.version = 4;
  model.layers = arguments.Number("layers", 3);
  model.attention.width = arguments.Number("width", 128);
  model.feed_forward_width = 4 * model.attention.width;
  model.attention.span = arguments.Number("span", 0);
  model.taipan.period = 2;
  model.observation_size = kObservations;
  model.action_size = kActions;
  if (arguments.Number("tokens", 3) == 3) {
    model.tokens.layout = TokenLayout::kInterleaved;
    model.tokens.use_reward = model.tokens.use_completion = false;
  }
  options.chain.episodes = 32;
  options.head = model.head;
  return options;
}

/// Random weights, as a checkpoint and as exported.
LoadedPolicy MakeBenchPolicy(const RunOptions& options, const std::string& folder) {
  torch::manual_seed(1);
  PolicyRecord record{.options = options};
  record.normalizer = {.observation_mean = std::vector<double>(kObservations, 0),
                       .observation_std = std::vector<double>(kObservations, 1),
                       .action_center = std::vector<double>(kActions, 0),
                       .action_scale = std::vector<double>(kActions, 1)};
  record.trained = {.episodes = 32, .episode_steps = 1000, .context_steps = 32000};
  PolicyNetwork network(options.model);
  {
    const torch::NoGradGuard no_grad;
    for (torch::Tensor& parameter : network->parameters()) {
      parameter.add_(torch::randn_like(parameter), 0.02);
    }
  }
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  SaveCheckpoint(folder + "/checkpoint", {NamedWeights(network), ProbeOutput(network)}, record, {});
  LoadedPolicy loaded = LoadPolicy(folder + "/checkpoint", torch::kCPU);
  ExportPolicy(loaded, folder + "/exported");
  return loaded;
}

int32_t TypeOf(const std::string& name) {
  const std::map<std::string, int32_t> types = {
      {"float32", LONGPLAY_FLOAT32}, {"float16", LONGPLAY_FLOAT16}, {"int8", LONGPLAY_INT8}};
  return types.at(name);
}

nlohmann::json Spread(std::vector<double> seconds) {
  std::ranges::sort(seconds);
  const auto at = [&](double share) {
    const auto last = static_cast<double>(seconds.size() - 1);
    return 1e3 * seconds[static_cast<size_t>(std::ceil(share * last))];
  };
  return {{"median", at(0.5)}, {"p99.9", at(0.999)}, {"worst", at(1)}};
}

/// One chain that sees random numbers, played by both.
class SideBySide {
 public:
  SideBySide(const LoadedPolicy& loaded, longplay_policy* acting, bool with_libtorch)
      : acting_(acting), observation_(kObservations), ours_(kActions), theirs_(kActions) {
    if (with_libtorch) libtorch_ = MakePolicy(loaded, {.chains = 1});
  }

  /// `steps` steps of both, which are not timed.
  void Fill(int64_t steps) {
    for (int64_t t = 0; t < steps; ++t) Draw(), ActHere(nullptr), ActThere(nullptr), Next();
  }
  /// `actions` of each, in turns of a few.
  void Measure(int64_t actions) {
    for (int64_t done = 0; done < actions; done += kBlock) {
      // The same inputs for both: drawn again from the same state of the generator.
      const std::mt19937_64 state = random_;
      std::vector<double> here;
      for (int64_t i = 0; i < kBlock; ++i) {
        Draw();
        ActHere(&here_seconds_);
        here.insert(here.end(), ours_.begin(), ours_.end());
      }
      if (!libtorch_) continue;
      random_ = state;
      for (int64_t i = 0; i < kBlock; ++i) {
        Draw();
        ActThere(&there_seconds_);
        for (int64_t a = 0; a < kActions; ++a) {
          difference_ = std::max(difference_, std::fabs(theirs_[a] - here[i * kActions + a]));
        }
      }
    }
  }

  void Report(nlohmann::json& json) const {
    json["runtime_ms"] = Spread(here_seconds_);
    json["tokens"] = status_.tokens;
    if (!libtorch_) return;
    json["libtorch_ms"] = Spread(there_seconds_);
    json["difference"] = difference_;
    json["ratio"] =
        json["libtorch_ms"]["median"].get<double>() / json["runtime_ms"]["median"].get<double>();
  }

 private:
  void Draw() {
    for (double& number : observation_) number = normal_(random_);
    reward_ = {normal_(random_)};
  }
  void Next() { start_ = {0}; }

  void ActHere(std::vector<double>* seconds) {
    const longplay_view view = {observation_.data(), reward_.data(), start_.data(), nullptr};
    if (longplay_policy_act(acting_, &view, ours_.data(), &status_) != LONGPLAY_OK) {
      throw std::runtime_error(longplay_policy_message(acting_));
    }
    if (seconds != nullptr) seconds->push_back(status_.seconds);
  }
  void ActThere(std::vector<double>* seconds) {
    if (!libtorch_) return;
    const auto begin = std::chrono::steady_clock::now();
    libtorch_->Act(
        {.observations = observation_, .rewards = reward_, .starts = start_, .active = active_},
        theirs_);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    if (seconds != nullptr) seconds->push_back(taken.count());
  }

  longplay_policy* acting_;
  std::unique_ptr<Policy> libtorch_;
  std::vector<double> observation_, reward_ = {0}, ours_, theirs_, here_seconds_, there_seconds_;
  std::vector<uint8_t> start_ = {1}, active_ = {1};
  longplay_status status_{};
  double difference_ = 0;
  std::mt19937_64 random_{1};
  std::normal_distribution<double> normal_;
};

void Bench(const BenchArguments& arguments) {
  const std::string folder = arguments.Text(
      "folder", (std::filesystem::temp_directory_path() / "longplay_bench").string());
  const LoadedPolicy loaded = MakeBenchPolicy(OptionsOf(arguments), folder);
  const int64_t steps = arguments.Number("steps", 1000), actions = arguments.Number("actions", 200);
  longplay_policy_options options;
  longplay_policy_defaults(&options, sizeof options);
  options.context_steps = arguments.Number("context_steps", steps + actions + kBlock);
  options.key_value_type = TypeOf(arguments.Text("key_values", "float32"));
  options.weight_type = TypeOf(arguments.Text("weights", "float32"));
  options.vectors = static_cast<int32_t>(arguments.Number("vectors", LONGPLAY_VECTORS_AUTO));
  longplay_policy* policy = nullptr;
  char message[LONGPLAY_MESSAGE_SIZE];
  const auto begin = std::chrono::steady_clock::now();
  if (longplay_policy_open((folder + "/exported").c_str(), &options, &policy, message,
                           sizeof message) != LONGPLAY_OK) {
    throw std::runtime_error(message);
  }
  const std::chrono::duration<double> opening = std::chrono::steady_clock::now() - begin;
  const std::unique_ptr<longplay_policy, void (*)(longplay_policy*)> owner(policy,
                                                                           longplay_policy_close);
  SideBySide both(loaded, policy, arguments.Number("libtorch", 1) != 0);
  both.Fill(steps);
  both.Measure(actions);
  longplay_policy_description about{};
  about.size = sizeof about;
  longplay_policy_describe(policy, &about);
  nlohmann::json json = {{"mixer", arguments.Text("mixer", "attention")},
                         {"steps", steps},
                         {"tokens_per_step", about.tokens_per_step},
                         {"opening_ms", 1e3 * opening.count()},
                         {"memory_bytes", about.memory_bytes},
                         {"vectors", about.vectors}};
  both.Report(json);
  std::puts(json.dump().c_str());
}

}  // namespace
}  // namespace longplay

int main(int count, char** values) {
  longplay::BenchArguments arguments;
  try {
    for (int i = 1; i < count; ++i) {
      const std::string word = values[i];
      const size_t equals = word.find('=');
      if (equals == std::string::npos) {
        throw std::invalid_argument("reading the arguments: expected key=value, got " + word);
      }
      arguments.given[word.substr(0, equals)] = word.substr(equals + 1);
    }
    torch::set_num_threads(static_cast<int>(arguments.Number("threads", 1)));
    longplay::Bench(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
