// SPDX-License-Identifier: MIT
#include "agent/training/train.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "agent/acting/check_environment.h"
#include "agent/batches/load_data.h"
#include "agent/config/config.h"
#include "agent/config/config_difference.h"
#include "agent/evaluation/training_evaluation.h"
#include "agent/notes.h"
#include "agent/progress_bar.h"
#include "agent/runs/run_folder.h"
#include "agent/stop_signal.h"
#include "agent/training/fit_to_data.h"
#include "apps/commands.h"
#include "apps/config_words.h"
#include "apps/train_ranks.h"

namespace longplay {
namespace {

struct TrainArguments {
  std::vector<std::string> words;  // the config file, or with --resume a run; and key=value pairs
  std::vector<std::string> data;
  std::string out;
  bool resume = false;
  bool json = false;
  int64_t ranks = 1;
};

/// What to train, and where.
struct TrainingTask {
  RunOptions options;
  std::string run;
};

/// The configuration of the newest checkpoint that can be read: the one that training went on with.
std::string ConfigOfRun(const std::string& run) {
  const std::string checkpoint = NewestReadableCheckpoint(run);
  if (checkpoint.empty() && !std::filesystem::exists(run + "/config.yaml")) {
    throw std::invalid_argument("training: --resume " + run +
                                ": expected a run, got a folder without config.yaml or checkpoints "
                                "(longplay train CONFIG.yaml --out " +
                                run + " starts one)");
  }
  return (checkpoint.empty() ? run : checkpoint) + "/config.yaml";
}

/// Where a resumed run goes on is no choice: in another folder it would begin anew.
void CheckOut(const std::string& run, const std::string& out) {
  std::error_code differs;
  if (out.empty() || std::filesystem::equivalent(run, out, differs)) return;
  throw std::invalid_argument("training: --out: expected none beside --resume " + run +
                              ", which goes on where it is, got " + out +
                              " (train.start_from begins another run with its weights)");
}

TrainingTask Task(const TrainArguments& arguments) {
  auto [config, overrides] = SortWords(arguments.words, "training");
  if (!arguments.data.empty()) {
    // Before the others, which may say it again.
    overrides.insert(overrides.begin(), "data.files=" + nlohmann::json(arguments.data).dump());
  }
  // --resume RUN, or --resume --out RUN: the run itself says what it trains.
  if (arguments.resume && std::filesystem::is_directory(config)) {
    CheckOut(config, arguments.out);
    return {.options = LoadConfig(ConfigOfRun(config), overrides), .run = config};
  }
  if (arguments.resume && !config.empty() && !std::filesystem::exists(config)) {
    throw std::invalid_argument("training: --resume " + config +
                                ": expected a run folder, got none: there is no such folder");
  }
  if (arguments.resume && config.empty() && arguments.data.empty() && !arguments.out.empty()) {
    return {.options = LoadConfig(ConfigOfRun(arguments.out), overrides), .run = arguments.out};
  }
  if (config.empty() && arguments.data.empty()) {
    throw std::invalid_argument(
        "training: arguments: expected a config file, --data or --resume RUN, got none of them");
  }
  // A run is named after its config file, or else its data.
  const std::string name = RunName(config.empty() ? arguments.data.front() : config);
  return {.options = config.empty() ? ParseConfig("", "defaults", overrides)
                                    : LoadConfig(config, overrides),
          .run = arguments.out.empty() ? "runs/" + name : arguments.out};
}

/// The same words again, for the ranks of one training.
std::vector<std::string> WordsOf(const TrainArguments& arguments) {
  std::vector<std::string> words = {"train"};
  for (const std::string& file : arguments.data) words.insert(words.end(), {"--data", file});
  if (!arguments.out.empty()) words.insert(words.end(), {"--out", arguments.out});
  if (arguments.resume) words.emplace_back("--resume");
  if (arguments.json) words.emplace_back("--json");
  words.insert(words.end(), arguments.words.begin(), arguments.words.end());
  return words;
}

/// What the user chose among all keys, as " key=value key=value".
std::string ChosenKeys(const RunOptions& options) {
  const RunOptions defaults = ParseConfig("", "defaults", {});
  std::string chosen;
  for (const ConfigDifference& difference : DifferencesBetween(defaults, options)) {
    chosen += " " + difference.key + "=" + difference.now;
  }
  return chosen.empty() ? " nothing" : chosen;
}

/// What is known of the data and of the run, before the first step.
void PrintStart(const TrainingTask& task, const EpisodeSet& set, bool json) {
  const RunOptions& options = task.options;
  // With --json stdout has the result alone.
  std::FILE* text = json ? stderr : stdout;
  std::fprintf(text, "# %s: %ld episodes, %ld steps; the effective configuration:\n%s",
               options.data.files.front().c_str(), static_cast<long>(set.episodes()),
               static_cast<long>(set.steps()), ConfigToYaml(FitToData(options, set)).c_str());
  // Last, where it stays in sight.
  std::fprintf(text, "# differs from the defaults:%s; all of this: %s/config.yaml\n",
               ChosenKeys(options).c_str(), task.run.c_str());
  std::fflush(text);
  PrintNotes(CheckEnvironment(options, set));
  PrintNotes(DataNotes(options, set));
}

void PrintResult(const TrainingResult& result, bool json) {
  if (result.skipped > 0) {
    PrintNote(std::to_string(result.skipped) + " of " + std::to_string(result.steps) +
              " steps had a loss or gradient that is not finite and changed nothing");
  }
  if (json) {
    std::puts(nlohmann::json{{"run", result.run},
                             {"steps", result.steps},
                             {"loss", result.loss},
                             {"parameters", result.parameters},
                             {"tokens_per_second", result.tokens_per_second}}
                  .dump()
                  .c_str());
  } else {
    std::printf("%s\n", result.run.c_str());
  }
}

/// Trains with a bar, and with evaluations if they are asked for. Of several ranks the first one
/// tells and evaluates.
void TrainHere(const TrainingTask& task, RunStart start, bool json, ProcessGroup* group) {
  const auto& [options, run] = task;
  if (group != nullptr && group->rank() > 0) {
    const EpisodeSet set = LoadTrainingData(options, LoadProgress::kSilent).training;
    Train(options, set, run, start, {}, {nullptr, group});
    return;
  }
  // Phase 1: data and settings, with all that may surprise, before the first step.
  if (start == RunStart::kFresh) CheckUnused(run);
  const auto [set, validation] = LoadTrainingData(options);
  PrintStart(task, set, json);
  // Phase 2: training.
  ProgressBar bar("train " + run, options.train.steps, "steps");
  std::optional<TrainingEvaluation> evaluation;
  if (options.evaluate.every > 0) evaluation.emplace(FitToData(options, set), validation);
  bool estimated = false;
  const TrainingResult result =
      Train(options, set, run, start,
            [&](const TrainingProgress& progress) {
              // Once, by the speed of the first steps.
              if (!estimated && progress.steps_per_second > 0) {
                std::fprintf(stderr, "this will take about %.0f s\n",
                             static_cast<double>(progress.steps - progress.step) /
                                 progress.steps_per_second);
                estimated = true;
              }
              bar.GoOnFrom(progress.first);
              bar.Update(progress.step, "loss " + std::to_string(progress.loss));
            },
            {evaluation ? &*evaluation : nullptr, group});
  bar.Finish("loss " + std::to_string(result.loss));
  PrintResult(result, json);
}

void RunTraining(const TrainArguments& arguments) {
  const TrainingTask task = Task(arguments);
  const std::optional<RankPlace> place = FindRanks(EnvironmentVariable);
  if (arguments.ranks > 1) return TrainOnRanks(arguments.ranks, WordsOf(arguments), place);
  CatchStopSignals();
  // A launcher that starts all ranks again does not change their words.
  const bool again = place && place->restarts > 0 && !NewestCheckpoint(task.run).empty();
  const RunStart start = arguments.resume || again ? RunStart::kResume : RunStart::kFresh;
  if (!place || place->size == 1) return TrainHere(task, start, arguments.json, nullptr);
  WorkAsRank(*place, task.options.parallel,
             [&](ProcessGroup& group) { TrainHere(task, start, arguments.json, &group); });
}

}  // namespace

void AddTrainCommand(CLI::App& app) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App* command = app.add_subcommand("train", "Train a policy on recorded episodes");
  command->add_option(
      "config", arguments->words,
      "Config file (with --resume also a run folder), then key=value pairs that override its keys");
  command
      ->add_option("--data", arguments->data,
                   "Data file, folder or minari:NAME-v0; needs no config file; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--out", arguments->out,
                      "Run folder (default: runs/<name of the config or data>)");
  command->add_flag(
      "--resume", arguments->resume,
      "Continue from the newest checkpoint of a run folder; --resume RUN needs nothing else");
  command
      ->add_option(
          "--ranks", arguments->ranks,
          "Number of processes on this machine that share the chains of a step (default: 1)")
      ->check(CLI::Range(int64_t{1}, int64_t{4096}));
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { RunTraining(*arguments); });
}

}  // namespace longplay
