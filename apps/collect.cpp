// SPDX-License-Identifier: MIT
#include "agent/collecting/collect.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent/collect_work/collect_config.h"
#include "agent/progress_bar.h"
#include "agent/stop_signal.h"
#include "apps/commands.h"

namespace longplay {
namespace {

struct CollectArguments {
  CollectOptions options;
  std::string algorithm = "auto";
  bool overwrite = false, resume = false;
  bool json = false;
  // Copies what the command line says over what the file says, one for each option.
  std::vector<std::function<void(CollectOptions& from_file)>> given;
};

/// "auto, sac, ..."
std::vector<std::string> NamesOfAlgorithms() {
  std::vector<std::string> names;
  for (const auto& [name, algorithm] : AlgorithmNames()) names.push_back(name);
  return names;
}

/// The file's options, if there is one, with those of the command line.
CollectOptions Effective(const CollectArguments& arguments) {
  CollectOptions options = arguments.options;
  if (!options.config.empty()) {
    options = LoadCollectConfig(options.config);
    for (const auto& copy : arguments.given) copy(options);
  }
  if (options.environment.empty() || options.steps == 0) {
    throw std::invalid_argument(
        "collecting data: expected --env and --steps, or a file that says both, got " +
        std::string(options.environment.empty() ? "no env" : "no steps"));
  }
  return options;
}

void RunCollect(CollectArguments arguments) {
  for (const auto& [name, algorithm] : AlgorithmNames()) {
    if (name == arguments.algorithm) arguments.options.algorithm = algorithm;
  }
  CollectOptions options = Effective(arguments);
  if (arguments.overwrite) options.existing = ExistingData::kReplace;
  if (arguments.resume) options.start = RunStart::kResume;
  // From here on a signal ends the work with what is recorded kept.
  CatchStopSignals();
  ProgressBar bar("collect " + options.environment, DecisionsOf(options), "decisions");
  char note[64] = "";
  const CollectResult result = Collect(options, [&](const CollectProgress& progress) {
    if (progress.episodes > 0) {
      std::snprintf(note, sizeof note, "return of the last 20 episodes %.1f", progress.mean_return);
    }
    bar.GoOnFrom(progress.kept);
    bar.Update(progress.steps, note);
  });
  // Whole episodes seldom end with the last decision asked for: the bar ends full.
  bar.Update(DecisionsOf(options), note);
  bar.Finish(note);
  if (arguments.json) {
    nlohmann::json json = {{"out", options.out},
                           {"algorithm", result.algorithm},
                           {"episodes", result.episodes},
                           {"steps", result.steps},
                           {"mean_return", result.mean_return},
                           {"best_return", result.best_return}};
    if (result.oracle_return) json["oracle_return"] = *result.oracle_return;
    std::puts(json.dump().c_str());
  } else {
    std::printf("%s: %ld episodes, %ld steps (%s), return %.2f on average, %.2f at best\n",
                options.out.c_str(), static_cast<long>(result.episodes),
                static_cast<long>(result.steps), result.algorithm.c_str(), result.mean_return,
                result.best_return);
    if (result.oracle_return) {
      std::printf("return of an oracle that sees what is hidden, on held-out parameters: %.2f\n",
                  *result.oracle_return);
    }
  }
}

}  // namespace

void AddCollectCommand(CLI::App& app) {
  auto arguments = std::make_shared<CollectArguments>();
  CollectOptions& options = arguments->options;
  CLI::App* command =
      app.add_subcommand("collect", "Record the episodes of an online learner, in Minari's layout");
  // An option that a file may say too.
  const auto add = [&](const std::string& name, auto CollectOptions::*field, const char* text) {
    CLI::Option* option = command->add_option(name, options.*field, text);
    arguments->given.emplace_back(
        [option, field, raw = arguments.get()](CollectOptions& from_file) {
          if (option->count() > 0) from_file.*field = raw->options.*field;
        });
    return option;
  };
  command->add_option(
      "--config", options.config,
      "YAML file with these options and the learners' own keys (configs/literature/collect)");
  add("--env", &CollectOptions::environment, "Environment id (longplay env list)");
  add("--steps", &CollectOptions::steps, "Decisions to record, rounded up to whole episodes");
  add("--out", &CollectOptions::out, "File .hdf5, or a folder in Minari's layout")->required();
  CLI::Option* algorithm =
      command
          ->add_option("--algorithm", arguments->algorithm,
                       "Method that acts. auto: search for a hidden goal or velocity of family/, "
                       "filter for family/fog-v0, otherwise sac (soft actor-critic). search: also "
                       "literature/cheetah-vel-v0. filter: the Kalman filter's mean. q_learning: "
                       "for discrete actions. oracle, still, "
                       "triangulation, waypoints: policies without learning for literature/ tasks")
          ->check(CLI::IsMember(NamesOfAlgorithms()))
          ->capture_default_str();
  arguments->given.emplace_back([algorithm, raw = arguments.get()](CollectOptions& from_file) {
    if (algorithm->count() > 0) from_file.algorithm = raw->options.algorithm;
  });
  add("--learning-steps", &CollectOptions::learning_steps,
      "search, hidden velocity: decisions of training before recording begins")
      ->capture_default_str();
  add("--learners", &CollectOptions::learners, "sac: independent learners that share the steps")
      ->capture_default_str();
  add("--first-task", &CollectOptions::first_task,
      "sac: learner k plays task FIRST + k of the task's list (default: tasks are drawn)");
  add("--action-repeat", &CollectOptions::action_repeat,
      "Simulator steps for which an action is held")
      ->capture_default_str();
  add("--max-episode-steps", &CollectOptions::max_episode_steps,
      "Decisions per episode (default: the task's own limit)");
  add("--episodes-per-history", &CollectOptions::episodes_per_history,
      "all but sac: consecutive episodes that share one hidden parameter")
      ->capture_default_str();
  add("--seed", &CollectOptions::seed, "Seed; the same seed collects the same data")
      ->capture_default_str();
  add("--labels", &CollectOptions::labels,
      "all but sac: record beside each step what an oracle would have done, for data.labels")
      ->check(CLI::IsMember({"none", "oracle"}))
      ->capture_default_str();
  command->add_flag("--overwrite", arguments->overwrite,
                    "Replace the data set at --out; without --resume also drop unfinished work");
  command->add_flag("--resume", arguments->resume,
                    "Continue what the same command left unfinished");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { RunCollect(*arguments); });
}

}  // namespace longplay
