// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "agent/comparison/comparison_config.h"
#include "agent/comparison/comparison_plan.h"
#include "agent/comparison/comparison_runner.h"
#include "agent/stop_signal.h"
#include "agent/summary/comparison_report.h"
#include "agent/summary/comparison_summary.h"
#include "apps/commands.h"

namespace longplay {
namespace {

struct CompareArguments {
  std::string config, out;
  std::vector<std::string> overrides;
  bool list = false, replace = false, train_only = false, report_only = false, json = false;
};

std::string CommandLine(const CompareArguments& arguments, const std::string& out) {
  std::string text = "longplay compare " + arguments.config;
  for (const std::string& override : arguments.overrides) {
    const bool plain = override.find_first_of(" []{}*?'\"") == std::string::npos;
    text += plain ? " " + override : " '" + override + "'";
  }
  return text + " --out " + out;
}

void WriteReports(const Comparison& comparison, const std::string& out, const std::string& status) {
  const Report report = ComparisonReport(comparison, status);
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
                    {"task", plan.comparison.tasks[run.task].name},
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
  const std::string out = arguments.out.empty()
                              ? "runs/" + std::filesystem::path(arguments.config).stem().string()
                              : arguments.out;
  if (arguments.report_only) {
    const Comparison results = LoadResults(out);
    WriteReports(results, out, "complete");
    PrintResult(results, out, arguments.json);
    return;
  }
  ComparisonPlan plan = PlanComparison(LoadComparison(arguments.config, arguments.overrides));
  plan.comparison.command = CommandLine(arguments, out);
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
  RunComparison(
      plan, out,
      {.on_change =
           [&](const Comparison& comparison) { WriteReports(comparison, out, "running"); }},
      another);
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
      "compare", "Train and evaluate a grid of policies, several seeds each: a report");
  command->add_option("config", arguments->config, "Config file with a section `compare`")
      ->required();
  command->add_option("overrides", arguments->overrides,
                      "key=value pairs that override it, for all rows");
  command->add_option("--out", arguments->out,
                      "Folder of runs and report (default: runs/<name of the config>)");
  command->add_flag("--list", arguments->list, "Show the runs and how far they are, make none");
  command->add_flag(
      "--replace", arguments->replace,
      "Delete runs of another configuration that stand where runs of this one belong");
  command->add_flag("--train-only", arguments->train_only,
                    "Train, and leave playing to a later call, on this machine or another");
  command->add_flag("--report-only", arguments->report_only,
                    "Make the report again from the results in the folder");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { CompareUntilStopped(*arguments); });
}

}  // namespace longplay
