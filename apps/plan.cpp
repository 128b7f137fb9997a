// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent/batches/load_data.h"
#include "agent/config/config.h"
#include "agent/planning/context_plan.h"
#include "agent/progress_bar.h"
#include "agent/training/fit_to_data.h"
#include "apps/commands.h"
#include "apps/config_words.h"
#include "apps/number_checks.h"

namespace longplay {
namespace {

struct PlanArguments {
  std::vector<std::string> words;  // config file, key=value pairs
  std::vector<std::string> data;
  double memory = 0;  // [MiB]
  int64_t observation_size = 17, action_size = 6;
  MeasureOptions measure;
  bool json = false;
};

RunOptions OptionsOf(const PlanArguments& arguments) {
  auto [config, overrides] = SortWords(arguments.words, "planning");
  if (!arguments.data.empty()) {
    overrides.insert(overrides.begin(), "data.files=" + nlohmann::json(arguments.data).dump());
  }
  return config.empty() ? ParseConfig("", "defaults", overrides) : LoadConfig(config, overrides);
}

/// Sizes as the arguments say, where there are no data to fit to.
RunOptions FitToSizes(RunOptions options, const PlanArguments& arguments) {
  options.model.observation_size = arguments.observation_size;
  options.model.action_size = arguments.action_size;
  options.model.head = options.head.value_or(ActionHead::kSquaredError);
  options.model.bfloat16 = options.train.dtype == "bfloat16";
  if (options.model.feed_forward_width == 0) {
    options.model.feed_forward_width = 4 * options.model.attention.width;
  }
  options.model.max_episodes = options.chain.episodes;
  return options;
}

void Plan(const PlanArguments& arguments) {
  const RunOptions options = OptionsOf(arguments);
  // The data stay loaded: training will hold them too.
  std::optional<TrainingData> data;
  if (!options.data.files.empty()) data = LoadTrainingData(options);
  const RunOptions fitted =
      data ? FitToData(options, data->training) : FitToSizes(options, arguments);
  // What is asked for here, else in the configuration, else half of the machine's.
  const double asked =
      arguments.memory > 0 ? arguments.memory : static_cast<double>(options.train.memory);
  constexpr double kMiB = 1 << 20;
  const ContextPlan plan = PlanContexts(fitted, asked > 0 ? asked * kMiB : HalfOfTheMachine(),
                                        arguments.measure, ProgressOfLongWork("plan", "modes"));
  std::fputs(arguments.json ? (ToJson(plan).dump() + "\n").c_str() : ToText(plan).c_str(), stdout);
}

}  // namespace

void AddPlanCommand(CLI::App& app) {
  auto arguments = std::make_shared<PlanArguments>();
  CLI::App* command = app.add_subcommand(
      "plan",
      "Predict the longest context that fits in memory, and how long a training step takes");
  command->add_option("config", arguments->words,
                      "Config file, then key=value pairs that override it");
  command->add_option("--data", arguments->data, "Data set, as for train; needs no config file")
      ->allow_extra_args(false);
  command
      ->add_option("--memory", arguments->memory,
                   "[MiB] that the whole process may use (default: train.memory)")
      ->check(Positive());
  command
      ->add_option("--observation-size", arguments->observation_size,
                   "Observation size, if no data are given")
      ->check(Positive())
      ->capture_default_str();
  command->add_option("--action-size", arguments->action_size, "Action size, if no data are given")
      ->check(Positive())
      ->capture_default_str();
  command
      ->add_option("--seconds", arguments->measure.seconds,
                   "Double the measured context until a step takes this long")
      ->check(Positive())
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { Plan(*arguments); });
}

}  // namespace longplay
