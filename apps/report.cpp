// SPDX-License-Identifier: MIT
#include "agent/report/report.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent/files/shell_word.h"
#include "agent/run_report/run_report.h"
#include "apps/commands.h"

namespace longplay {
namespace {

struct ReportArguments {
  std::vector<std::string> runs;
  std::string out = "runs/report";
  bool json = false;
};

void ReportRuns(const ReportArguments& arguments) {
  // A run's or a comparison's folder has a report of its own, or may get one.
  for (const char* file : {"comparison.json", "config.yaml"}) {
    if (!std::filesystem::exists(arguments.out + "/" + file)) continue;
    throw std::invalid_argument("reporting: --out " + arguments.out +
                                ": expected a folder of its own, got one of a run or comparison");
  }
  const std::vector<ReportedRun> runs = ReadReportedRuns(arguments.runs);
  std::vector<std::string> words = {"longplay", "report"};
  words.insert(words.end(), arguments.runs.begin(), arguments.runs.end());
  words.insert(words.end(), {"--out", arguments.out});
  const Report report = RunReport(runs, arguments.out, ShellCommand(words));
  const std::string path = arguments.out + "/report.html";
  WriteReport(report, path);
  WriteReportCsv(report, arguments.out + "/report.csv");
  if (arguments.json) {
    const nlohmann::json result = {
        {"report", path}, {"runs", runs.size()}, {"answer", report.summary}};
    std::puts(result.dump().c_str());
  } else {
    std::printf("%s\n%s\n", report.summary.c_str(), path.c_str());
  }
}

}  // namespace

void AddReportCommand(CLI::App& app) {
  auto arguments = std::make_shared<ReportArguments>();
  CLI::App* command = app.add_subcommand(
      "report", "Put runs side by side in one report: returns, learning curves, settings, films");
  command
      ->add_option("runs", arguments->runs,
                   "Folders of `longplay train`, or of `longplay compare` for all of its runs")
      ->required();
  command->add_option("--out", arguments->out, "Folder for report.html and report.csv")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { ReportRuns(*arguments); });
}

}  // namespace longplay
