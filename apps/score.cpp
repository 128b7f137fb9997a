// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent/files/atomic_write.h"
#include "agent/files/shell_word.h"
#include "agent/report/report.h"
#include "agent/scoring/score_report.h"
#include "agent/scoring/system_score.h"
#include "apps/commands.h"

namespace longplay {
namespace {

struct ScoreArguments {
  std::vector<std::string> files, normalise;
  std::string reference, out = "score.html", csv;
  bool json = false;
};

std::optional<double> WholeNumberOrDecimal(const std::string& text) {
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return {};
  return value;
}

/// "TASK=LOW,HIGH".
void AddReferenceReturns(const std::string& text, ScoringOptions& options) {
  // A task's own arguments may hold a =: the last one counts.
  const size_t equals = text.rfind('='), comma = text.rfind(',');
  if (equals != std::string::npos && comma != std::string::npos && comma > equals) {
    const auto low = WholeNumberOrDecimal(text.substr(equals + 1, comma - equals - 1));
    const auto high = WholeNumberOrDecimal(text.substr(comma + 1));
    if (low && high && *low < *high) {
      options.references[text.substr(0, equals)] = {
          .zero = *low, .hundred = *high, .source = "command line"};
      return;
    }
  }
  throw std::invalid_argument(
      "scoring: --normalise: expected TASK=LOW,HIGH with LOW below HIGH, got " + text);
}

void Score(const ScoreArguments& arguments) {
  ScoringOptions options{.reference = arguments.reference, .references = {}};
  for (const std::string& text : arguments.normalise) AddReferenceReturns(text, options);
  const SystemScores scores = ScoreSystems(ReadPlayedReturns(arguments.files), options);
  // What decides the result, to be run again.
  std::vector<std::string> words = {"longplay", "score"};
  words.insert(words.end(), arguments.files.begin(), arguments.files.end());
  if (!arguments.reference.empty()) {
    words.insert(words.end(), {"--reference", arguments.reference});
  }
  for (const std::string& text : arguments.normalise) {
    words.insert(words.end(), {"--normalise", text});
  }
  WriteReport(ScoreReport(scores, ShellCommand(words)), arguments.out);
  if (!arguments.csv.empty()) {
    WriteAtomically(arguments.csv, SystemScoresCsv(scores), "writing scores");
  }
  if (arguments.json) {
    nlohmann::json json = ToJson(scores);
    json["report"] = arguments.out;
    std::puts(json.dump().c_str());
  } else {
    std::printf("%s\n%s\n", SystemScoreText(scores).c_str(), arguments.out.c_str());
  }
}

}  // namespace

void AddScoreCommand(CLI::App& app) {
  auto arguments = std::make_shared<ScoreArguments>();
  CLI::App* command = app.add_subcommand(
      "score",
      "Score the returns of any systems: curves, controls, best of n, aggregates, one report");
  command
      ->add_option(
          "files", arguments->files,
          "Tables with columns task, seed, episode, return, and optionally system, run and "
          "control; without a column system each file is one system")
      ->required();
  command->add_option("--reference", arguments->reference,
                      "System to compare with: its best of n attempts, and the probability of "
                      "improvement over it (default: the first)");
  command
      ->add_option(
          "--normalise", arguments->normalise,
          "TASK=LOW,HIGH: returns that normalise to 0 and 1; D4RL's tasks need none; may be "
          "repeated")
      ->allow_extra_args(false);
  command->add_option("--out", arguments->out, "The report")->capture_default_str();
  command->add_option("--csv", arguments->csv, "Also write every curve as a table");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { Score(*arguments); });
}

}  // namespace longplay
