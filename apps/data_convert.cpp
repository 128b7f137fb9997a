// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "agent/notes.h"
#include "agent/progress_bar.h"
#include "agent/recordings/relabel.h"
#include "agent/runs/output_claim.h"
#include "apps/commands.h"
#include "datasets/writers/convert.h"

namespace longplay {
namespace {

struct ConvertArguments {
  std::string in, out, format = "minari";
  LerobotOptions lerobot;
  bool json = false;
};

const std::map<std::string, TargetFormat> kFormats = {{"minari", TargetFormat::kMinari},
                                                      {"d4rl", TargetFormat::kD4rl},
                                                      {"lerobot", TargetFormat::kLerobot}};

/// A bar that appears with the first step.
std::function<void(int64_t, int64_t)> Bar(const std::string& title) {
  auto bar = std::make_shared<std::optional<ProgressBar>>();
  return [bar, title](int64_t steps, int64_t of) {
    if (!*bar) bar->emplace(title, of, "steps");
    (*bar)->Update(steps);
    if (steps == of) (*bar)->Finish();
  };
}

void PrintWritten(const std::string& out, int64_t episodes, int64_t steps, bool json) {
  if (json) {
    std::puts(nlohmann::json{{"episodes", episodes}, {"steps", steps}}.dump().c_str());
  } else {
    std::printf("%s: %ld episodes, %ld steps\n", out.c_str(), static_cast<long>(episodes),
                static_cast<long>(steps));
  }
}

void Convert(const ConvertArguments& arguments) {
  const OutputClaim claim(arguments.out, "writing data");
  // Where another process has taken the output over, this one ends before it renames its own.
  const auto watched = [&claim, bar = Bar("convert")](int64_t steps, int64_t of) {
    claim.Check();
    bar(steps, of);
  };
  const ConvertResult result = ConvertDataset(
      arguments.in, arguments.out, kFormats.at(arguments.format), watched, arguments.lerobot);
  PrintNotes(result.notes);
  PrintWritten(arguments.out, result.episodes, result.steps, arguments.json);
}

void Relabel(const RelabelOptions& options, bool json) {
  const RelabelResult result = RelabelData(options, Bar("relabel"));
  if (result.found) PrintNote(options.out + " is up to date");
  PrintWritten(options.out, result.episodes, result.steps, json);
}

}  // namespace

void AddConvertCommand(CLI::App& data) {
  auto arguments = std::make_shared<ConvertArguments>();
  CLI::App* command = data.add_subcommand("convert", "Write a data set in another layout");
  command->add_option("in", arguments->in, "Data file or folder, or minari:NAME-v0")->required();
  command->add_option("out", arguments->out, "File or folder to write; must not exist yet")
      ->required();
  command->add_option("--format", arguments->format, "minari, d4rl or lerobot (v3.0)")
      ->check(CLI::IsMember(kFormats))
      ->capture_default_str();
  command
      ->add_option("--fps", arguments->lerobot.fps,
                   "lerobot: frames per second, for its timestamps")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { Convert(*arguments); });
}

void AddRelabelCommand(CLI::App& data) {
  auto options = std::make_shared<RelabelOptions>();
  auto json = std::make_shared<bool>(false);
  CLI::App* command = data.add_subcommand(
      "relabel", "Recompute the rewards for another task, from recorded physics states");
  command->add_option("in", options->in, "Data file or folder with recorded states")->required();
  command
      ->add_option("out", options->out,
                   "File .hdf5 (D4RL's layout), or a folder in Minari's layout")
      ->required();
  command->add_option("--env", options->environment, "Environment id or task file")->required();
  command->add_option("--threads", options->threads, "Threads; 0 = one per core")
      ->capture_default_str();
  command->add_flag("--json", *json, "Print one JSON object");
  command->callback([options, json] { Relabel(*options, *json); });
}

}  // namespace longplay
