// SPDX-License-Identifier: MIT
#include <torch/utils.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/benchmarks/rollout_benchmark.h"
#include "agent/config/config.h"
#include "apps/commands.h"
#include "apps/number_checks.h"

namespace longplay {
namespace {

struct BenchRolloutArguments {
  // Option → key of the configuration that it sets, and the value given.
  std::map<std::string, std::pair<std::string, std::string>> keys = {
      {"--layers", {"model.layers", "3"}},
      {"--width", {"model.width", "128"}},
      {"--heads", {"model.heads", "1"}},
      {"--feed-forward-width", {"model.feed_forward_width", "0"}},
      {"--span", {"model.span", "0"}},
      {"--mixer", {"model.mixer", "attention"}},
      {"--tokens", {"chain.tokens", "[return, observation, action]"}},
      {"--packing", {"chain.packing", "interleaved"}}};
  std::vector<std::string> settings;  // further key=value pairs
  std::vector<int64_t> contexts = {20, 100, 500, 1000, 2000, 4000, 8000}, batches = {1, 8, 64};
  int64_t observation_size = 17, action_size = 6, repeats = 15;
  std::string environment;
  int64_t chains = 16, episodes = 4, action_repeat = 4;
  int threads = 0;
  bool json = false;
};

ModelOptions Model(const BenchRolloutArguments& arguments) {
  // Through the configuration, for its checks and messages.
  std::vector<std::string> overrides;
  for (const auto& [option, key] : arguments.keys) {
    overrides.push_back(key.first + "=" + key.second);
  }
  overrides.insert(overrides.end(), arguments.settings.begin(), arguments.settings.end());
  ModelOptions model = DefaultsWith(overrides).model;
  if (model.feed_forward_width == 0) model.feed_forward_width = 4 * model.attention.width;
  model.observation_size = arguments.observation_size;
  model.action_size = arguments.action_size;
  return model;
}

void BenchShares(const BenchRolloutArguments& arguments) {
  const RolloutShares shares =
      BenchmarkRollout(Model(arguments), arguments.environment, arguments.chains,
                       arguments.episodes, arguments.action_repeat);
  if (arguments.json) {
    const nlohmann::json json = {{"env", arguments.environment},   {"chains", arguments.chains},
                                 {"episodes", arguments.episodes}, {"decisions", shares.decisions},
                                 {"seconds", shares.seconds},      {"model", shares.model},
                                 {"physics", shares.physics},      {"copying", shares.copying}};
    std::puts(json.dump().c_str());
    return;
  }
  std::printf(
      "%s, %ld chains x %ld episodes: %ld decisions in %.2f s (%.0f a second); share of "
      "the time: model %.3f, physics %.3f, copying %.3f\n",
      arguments.environment.c_str(), static_cast<long>(arguments.chains),
      static_cast<long>(arguments.episodes), static_cast<long>(shares.decisions), shares.seconds,
      static_cast<double>(shares.decisions) / shares.seconds, shares.model, shares.physics,
      shares.copying);
}

void BenchActions(const BenchRolloutArguments& arguments) {
  nlohmann::json rows = nlohmann::json::array();
  for (const int64_t batch : arguments.batches) {
    for (const ActionCost& cost :
         BenchmarkActions(Model(arguments), batch, arguments.contexts, arguments.repeats)) {
      rows.push_back(
          {{"context", cost.context},
           {"batch", cost.batch},
           {"milliseconds_per_decision", cost.milliseconds},
           {"milliseconds_per_action", cost.milliseconds / static_cast<double>(cost.batch)},
           {"context_bytes", cost.context_bytes}});
      // Lines as they come; JSON is one object at the end.
      if (arguments.json) continue;
      std::printf(
          "batch %3ld, %7ld steps in context: %9.3f ms a decision, %8.4f ms an action, "
          "context %.1f MiB\n",
          static_cast<long>(batch), static_cast<long>(cost.context), cost.milliseconds,
          cost.milliseconds / static_cast<double>(batch),
          static_cast<double>(cost.context_bytes) / (1 << 20));
      std::fflush(stdout);
    }
  }
  if (arguments.json) std::puts(nlohmann::json{{"actions", rows}}.dump().c_str());
}

void Bench(BenchRolloutArguments& arguments) {
  // One context grows from length to length.
  std::ranges::sort(arguments.contexts);
  if (arguments.threads > 0) torch::set_num_threads(arguments.threads);
  if (arguments.environment.empty()) {
    BenchActions(arguments);
  } else {
    BenchShares(arguments);
  }
}

}  // namespace

void AddRolloutBench(CLI::App& bench) {
  auto arguments = std::make_shared<BenchRolloutArguments>();
  CLI::App* command = bench.add_subcommand(
      "rollout",
      "Time per action by context length; with --env: where the time of a roll-out goes");
  for (auto& [option, key] : arguments->keys) {
    command->add_option(option, key.second, "as " + key.first)->capture_default_str();
  }
  command->add_option("settings", arguments->settings, "More key=value pairs of the configuration");
  command->add_option("--contexts", arguments->contexts, "[time steps] context lengths to measure")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(Positive())
      ->capture_default_str();
  command->add_option("--batches", arguments->batches, "Chains that act together")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(Positive())
      ->capture_default_str();
  command->add_option("--observation-size", arguments->observation_size, "Observation size O")
      ->check(Positive())
      ->capture_default_str();
  command->add_option("--action-size", arguments->action_size, "Action size A")
      ->check(Positive())
      ->capture_default_str();
  command->add_option("--repeats", arguments->repeats, "Timed decisions; the median is reported")
      ->check(Positive())
      ->capture_default_str();
  command->add_option("--env", arguments->environment,
                      "Play this environment and report shares of the time");
  command->add_option("--chains", arguments->chains, "With --env: chains played together")
      ->check(Positive())
      ->capture_default_str();
  command->add_option("--episodes", arguments->episodes, "With --env: episodes in one context")
      ->check(Positive())
      ->capture_default_str();
  command
      ->add_option("--action-repeat", arguments->action_repeat,
                   "With --env: simulator steps that one action lasts")
      ->check(Positive())
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "Threads; 0 = one per core")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { Bench(*arguments); });
}

}  // namespace longplay
