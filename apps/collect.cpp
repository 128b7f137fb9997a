// SPDX-License-Identifier: MIT
#include "agent/collecting/collect.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "agent/progress_bar.h"
#include "agent/stop_signal.h"
#include "apps/commands.h"

namespace longplay {
namespace {

const std::map<std::string, CollectAlgorithm> kAlgorithms = {
    {"auto", CollectAlgorithm::kAuto},
    {"sac", CollectAlgorithm::kSoftActorCritic},
    {"search", CollectAlgorithm::kSearch},
    {"filter", CollectAlgorithm::kFilter},
    {"random", CollectAlgorithm::kRandom}};

struct CollectArguments {
  CollectOptions options;
  std::string algorithm = "auto";
  bool overwrite = false, resume = false;
  bool json = false;
};

void RunCollect(CollectArguments arguments) {
  CollectOptions& options = arguments.options;
  options.algorithm = kAlgorithms.at(arguments.algorithm);
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
      std::printf("an oracle that sees what is hidden, held-out parameters: %.2f\n",
                  *result.oracle_return);
    }
  }
}

}  // namespace

void AddCollectCommand(CLI::App& app) {
  auto arguments = std::make_shared<CollectArguments>();
  CollectOptions& options = arguments->options;
  CLI::App* command =
      app.add_subcommand("collect", "Record what a learner does in the simulator, as Minari data");
  command->add_option("--env", options.environment, "Environment id (longplay env list)")
      ->required();
  command->add_option("--steps", options.steps, "Decisions, rounded up to whole episodes")
      ->required();
  command->add_option("--out", options.out, "One .hdf5 file, or a folder that Minari loads")
      ->required();
  command
      ->add_option(
          "--algorithm", arguments->algorithm,
          "auto (search for a hidden goal or velocity, filter for family/fog-v0, else sac), "
          "sac, search, filter (acts with the Kalman filter's mean) or random")
      ->check(CLI::IsMember({"auto", "sac", "search", "filter", "random"}))
      ->capture_default_str();
  command
      ->add_option("--learning-steps", options.learning_steps,
                   "search for a velocity: decisions of learning to run, before any is recorded")
      ->capture_default_str();
  command->add_option("--learners", options.learners, "sac: independent runs that share the steps")
      ->capture_default_str();
  command->add_option("--action-repeat", options.action_repeat, "Control steps per decision")
      ->capture_default_str();
  command->add_option("--max-episode-steps", options.max_episode_steps,
                      "Decisions per episode (default: the task's own limit)");
  command
      ->add_option("--episodes-per-history", options.episodes_per_history,
                   "search, filter, random: episodes in a row with one hidden parameter")
      ->capture_default_str();
  command->add_option("--seed", options.seed, "The same seed collects the same data")
      ->capture_default_str();
  command->add_flag("--overwrite", arguments->overwrite,
                    "Replace a data set at --out, and drop unfinished work unless --resume");
  command->add_flag("--resume", arguments->resume,
                    "Go on with what the same command left unfinished, to the same data");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { RunCollect(*arguments); });
}

}  // namespace longplay
