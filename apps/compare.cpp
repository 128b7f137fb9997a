// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "agent/comparison/comparison_config.h"
#include "agent/comparison/comparison_plan.h"
#include "agent/comparison/comparison_runner.h"
#include "agent/comparison/length_comparison.h"
#include "agent/files/shell_word.h"
#include "agent/films/run_films.h"
#include "agent/notes.h"
#include "agent/runs/run_folder.h"
#include "agent/stop_signal.h"
#include "agent/summary/comparison_report.h"
#include "agent/summary/comparison_summary.h"
#include "apps/commands.h"
#include "apps/config_words.h"
#include "apps/evaluate_options.h"
#include "apps/number_checks.h"

namespace longplay {
namespace {

struct CompareArguments {
  std::vector<std::string> words;  // the config file and key=value pairs
  std::vector<std::string> data, held_out;
  std::vector<int64_t> episodes;
  int64_t seeds = 0;
  EvaluateArguments evaluate;
  std::string out;
  bool list = false, replace = false, train_only = false, report_only = false, film = false;
  bool json = false;
};

/// What is compared, and where.
struct ComparisonTask {
  ComparisonConfig config;
  std::string out, command;
};

std::string FolderOf(const CompareArguments& arguments) {
  if (!arguments.out.empty()) return arguments.out;
  const std::string file = SortWords(arguments.words, "comparing").file;
  if (!file.empty()) return "runs/" + RunName(file);
  if (arguments.data.empty()) {
    throw std::invalid_argument("comparing: arguments: expected --out, got none");
  }
  return "runs/" + RunName(arguments.data.front()) + "_compared";
}

/// The line that makes it again.
std::string CommandLine(const CompareArguments& arguments, const std::string& file,
                        const std::vector<std::string>& overrides, const std::string& out) {
  std::vector<std::string> words = {"longplay", "compare"};
  // What decides the result; what only prints it or splits the work is left out.
  if (!file.empty()) words.push_back(file);
  // Before --episodes, which takes every word up to the next option.
  words.insert(words.end(), overrides.begin(), overrides.end());
  for (const std::string& data : arguments.data) words.insert(words.end(), {"--data", data});
  if (!arguments.episodes.empty()) {
    std::string list;
    for (const int64_t count : arguments.episodes) {
      list += (list.empty() ? "" : ",") + std::to_string(count);
    }
    words.insert(words.end(), {"--episodes", list});
  }
  words.insert(words.end(), {"--out", out});
  return ShellCommand(words);
}

ComparisonTask Task(const CompareArguments& arguments) {
  auto [file, overrides] = SortWords(arguments.words, "comparing");
  // Phase 1: either a config file says what is compared, or data and lengths do.
  if (file.empty() == arguments.data.empty()) {
    throw std::invalid_argument(
        std::string("comparing: arguments: expected a config file or --data, got ") +
        (file.empty() ? "neither" : "both"));
  }
  if (!file.empty() && !arguments.episodes.empty()) {
    throw std::invalid_argument(
        "comparing: --episodes: expected --data beside it, got a config file (its section "
        "compare.grid sets the lengths)");
  }
  // Phase 2: options become keys, behind those of the command line, so that they win.
  const std::vector<std::string> played = arguments.evaluate.overrides();
  overrides.insert(overrides.end(), played.begin(), played.end());
  if (arguments.seeds > 0) overrides.push_back("compare.seeds=" + std::to_string(arguments.seeds));
  if (!arguments.held_out.empty()) {
    overrides.push_back("compare.held_out=" + nlohmann::json(arguments.held_out).dump());
  }
  // Phase 3: the comparison, made for the data or read from the file.
  ComparisonTask task{.out = FolderOf(arguments)};
  if (file.empty()) {
    const std::vector<int64_t> lengths =
        arguments.episodes.empty() ? std::vector<int64_t>{1, 2, 4, 8} : arguments.episodes;
    std::vector<std::string> notes;
    task.config = CompareLengths(
        {.data = arguments.data, .episodes = lengths, .overrides = overrides}, notes);
    PrintNotes(notes);
  } else {
    task.config = LoadComparison(file, overrides);
  }
  task.command = CommandLine(arguments, file, overrides, task.out);
  return task;
}

void WriteReports(const Comparison& comparison, const std::string& out, const std::string& status) {
  Report report = ComparisonReport(comparison, status);
  report.csv = "report.csv";
  AddFilms(comparison, out, report);
  WriteReport(report, out + "/report.html");
  WriteReportCsv(report, out + "/report.csv");
}

void PrintResult(const Comparison& comparison, const std::string& out, bool json) {
  const std::string report = out + "/report.html";
  const nlohmann::json result = {
      {"rows", RowsToJson(comparison)}, {"out", out}, {"report", report}};
  std::puts(json ? result.dump().c_str() : report.c_str());
}

const char* StateName(RunState state) {
  switch (state) {
    case RunState::kNew:
      return "new";
    case RunState::kStarted:
      return "started";
    case RunState::kTrained:
      return "trained";
    case RunState::kAnother:
      return "another";
    default:
      return "done";
  }
}

void List(const ComparisonPlan& plan, const std::string& out, bool json) {
  const std::vector<RunState> states = StatesOf(plan, out);
  nlohmann::json runs = nlohmann::json::array();
  for (size_t i = 0; i < states.size(); ++i) {
    const ComparedRun& run = plan.comparison.runs[i];
    nlohmann::json budgets = nlohmann::json::array();
    for (const Budget budget : run.budgets) budgets.push_back(BudgetName(budget));
    runs.push_back({{"row", plan.comparison.rows[run.row].name},
                    {"task", TaskName(plan.comparison.tasks[run.task])},
                    {"seed", run.seed},
                    {"budgets", budgets},
                    {"steps", run.steps},
                    {"tokens", run.tokens},
                    {"folder", run.folder},
                    {"state", StateName(states[i])}});
    if (json) continue;
    std::printf("%-8s %8ld steps %12.0f tokens  %s\n", StateName(states[i]),
                static_cast<long>(run.steps), run.tokens, run.folder.c_str());
  }
  if (json) std::puts(nlohmann::json{{"runs", runs}, {"out", out}}.dump().c_str());
}

void Compare(const CompareArguments& arguments) {
  // Results know what was compared: neither configuration nor data need be there.
  if (arguments.report_only) {
    const std::string out = FolderOf(arguments);
    const Comparison results = LoadResults(out);
    if (arguments.film) PrintNotes(FilmRuns(results, out));
    WriteReports(results, out, "complete");
    PrintResult(results, out, arguments.json);
    return;
  }
  const ComparisonTask task = Task(arguments);
  const std::string& out = task.out;
  // Every row is tried before any is trained.
  ComparisonPlan plan = PlanComparison(task.config);
  plan.comparison.command = task.command;
  if (arguments.list) {
    List(plan, out, arguments.json);
    return;
  }
  const AnotherRun another = arguments.replace ? AnotherRun::kReplaced : AnotherRun::kRefused;
  CatchStopSignals();
  if (arguments.train_only) {
    TrainComparison(plan, out, another);
    List(plan, out, arguments.json);
    return;
  }
  std::fprintf(stderr, "%s/report.html: open it in a browser, it refreshes itself\n", out.c_str());
  // Every run that is done makes the report anew.
  RunComparison(
      plan, out,
      {.on_change =
           [&](const Comparison& comparison) { WriteReports(comparison, out, "running"); }},
      another);
  if (arguments.film) PrintNotes(FilmRuns(plan.comparison, out));
  WriteReports(plan.comparison, out, "complete");
  PrintResult(plan.comparison, out, arguments.json);
}

/// What stops a comparison names the comparison to go on with, not the run that it was at.
void CompareUntilStopped(const CompareArguments& arguments) {
  try {
    Compare(arguments);
  } catch (const StoppedBySignal& stopped) {
    throw StoppedBySignal(stopped.what(), "the same command");
  }
}

}  // namespace

void AddCompareCommand(CLI::App& app) {
  auto arguments = std::make_shared<CompareArguments>();
  CLI::App* command = app.add_subcommand(
      "compare", "Train and evaluate a grid of policies, several seeds each, and write one report");
  command->add_option("config", arguments->words,
                      "Config file with a section `compare`, then key=value pairs that override it "
                      "for all rows");
  command
      ->add_option(
          "--data", arguments->data,
          "Compare context lengths on this data set; needs no config file; may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--episodes", arguments->episodes,
                   "With --data: the numbers of episodes in context to compare (default: 1,2,4,8)")
      // One word: key=value pairs may stand behind it.
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(Positive());
  command->add_option("--seeds", arguments->seeds, "Training runs of each row")->check(Positive());
  command
      ->add_option("--held-out", arguments->held_out,
                   "Data whose actions are predicted if there is no simulator; may be repeated")
      ->allow_extra_args(false);
  AddEvaluateOptions(*command, arguments->evaluate, WhichOptions::kBesideAGrid);
  command->add_option("--out", arguments->out,
                      "Folder for runs and report (default: runs/<name of the config>)");
  command->add_flag("--list", arguments->list, "List the runs and their state; train nothing");
  command->add_flag("--replace", arguments->replace,
                    "Delete runs of another configuration that are in the folder");
  command->add_flag("--train-only", arguments->train_only,
                    "Train only; run the command again, here or elsewhere, to evaluate");
  command->add_flag("--report-only", arguments->report_only,
                    "Write the report again from the results in the folder");
  command->add_flag("--film", arguments->film,
                    "Film the best and the median run of each task's best row for the report");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { CompareUntilStopped(*arguments); });
}

}  // namespace longplay
