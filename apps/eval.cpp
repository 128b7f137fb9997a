// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent/evaluation/evaluation_request.h"
#include "agent/evaluation/evaluation_text.h"
#include "agent/evaluation/result_file.h"
#include "agent/evaluation/verification.h"
#include "agent/notes.h"
#include "agent/progress_bar.h"
#include "apps/commands.h"
#include "apps/evaluate_options.h"
#include "apps/number_checks.h"

namespace longplay {
namespace {

struct EvalArguments {
  EvaluateArguments evaluate;
  std::vector<std::string> runs, data;
  std::string checkpoint = "last", verify, out, device;
  int64_t seeds = 0, selection_seeds = 0;
  bool json = false;
};

/// A bar that is made once the amount of work is known.
class WorkBar {
 public:
  explicit WorkBar(const std::string& unit) : unit_(unit) {}
  void operator()(int64_t done, int64_t of) {
    if (!bar_) bar_ = std::make_unique<ProgressBar>("evaluate", of, unit_);
    bar_->Update(done);
  }
  void Finish() {
    if (bar_) bar_->Finish();
  }

 private:
  std::string unit_;
  std::unique_ptr<ProgressBar> bar_;
};

void Print(const nlohmann::json& result, const std::string& text, bool json) {
  std::fputs(json ? (result.dump() + "\n").c_str() : text.c_str(), stdout);
  std::fflush(stdout);
}

void Evaluate(const EvalArguments& arguments) {
  EvaluationRequest request{.data = arguments.data};
  if (!arguments.device.empty()) request.device = arguments.device;
  CheckpointChoice choice = ParseCheckpointChoice(arguments.checkpoint);
  choice.selection_seeds = arguments.selection_seeds;
  for (const std::string& run : arguments.runs) request.runs.push_back({run, choice});
  // As the run's configuration says, then as the command line does.
  request.options = Override(DefaultOptions(request), arguments.evaluate);
  if (arguments.seeds > 0) request.options.seeds = arguments.seeds;
  if (request.options.last_context != LastContext::kAsPlayed &&
      (request.options.episodes == 1 || request.options.context == ContextUse::kOneEpisode)) {
    throw std::invalid_argument(
        "evaluating: last_context: expected as_played where a context holds a single episode, got "
        "another order of its earlier ones");
  }
  WorkBar bar(request.data.empty() ? "episodes" : "chains");
  const nlohmann::json result = RunEvaluation(request, std::ref(bar));
  bar.Finish();
  if (result.contains("notes")) {
    for (const nlohmann::json& note : result["notes"]) {
      PrintNote(arguments.runs.front() + " " + note.get<std::string>());
    }
  }
  // Printed first: it is not lost where the file cannot be written.
  Print(result, EvaluationText(result), arguments.json);
  WriteResult(arguments.out.empty() ? DefaultResultPath(result) : arguments.out, result);
}

void VerifyResult(const EvalArguments& arguments) {
  WorkBar bar("episodes");
  const nlohmann::json verification = Verify(
      arguments.verify,
      {.runs = arguments.runs, .data = arguments.data, .device = arguments.device}, std::ref(bar));
  bar.Finish();
  Print(verification, VerificationText(verification), arguments.json);
  // The differences are printed; this makes the exit code.
  if (verification["same"] == true) return;
  throw std::runtime_error("verifying result: " + arguments.verify +
                           ": expected the same again, got " +
                           std::to_string(verification["differences"].size()) + " differences");
}

void Run(const EvalArguments& arguments) {
  if (!arguments.verify.empty()) return VerifyResult(arguments);
  if (arguments.runs.empty()) throw CLI::RequiredError("a run, or --verify RESULT");
  Evaluate(arguments);
}

}  // namespace

void AddEvalCommand(CLI::App& app) {
  auto arguments = std::make_shared<EvalArguments>();
  CLI::App* command = app.add_subcommand(
      "eval", "Evaluate trained policies: play them in the simulator, or predict recorded actions");
  command->add_option(
      "run,--run", arguments->runs,
      "Run folder or checkpoint; several run folders are training seeds of one policy");
  command
      ->add_option(
          "--checkpoint", arguments->checkpoint,
          "last, best (chosen on seeds that do not count for the score) or the number of a step")
      ->capture_default_str();
  command
      ->add_option("--selection-seeds", arguments->selection_seeds,
                   "Contexts that choose the best checkpoint (default: --seeds)")
      ->check(Positive());
  AddEvaluateOptions(*command, arguments->evaluate);
  command
      ->add_option("--seeds", arguments->seeds,
                   "Number of contexts, each with its own seed; with --data: of chains")
      ->check(Positive());
  command->add_option("--data", arguments->data,
                      "Instead of playing: error of the predicted actions on these files, by "
                      "position in the context; may be repeated");
  command->add_option("--verify", arguments->verify,
                      "Repeat the evaluation of this result file and compare");
  command->add_option("--device", arguments->device, "cpu, cuda or auto (default: cpu)");
  command->add_option("--out", arguments->out,
                      "Result file (default: a file in RUN/evaluations, named after the options)");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { Run(*arguments); });
}

}  // namespace longplay
