// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "agent/evaluation/film.h"
#include "agent/learners/choose_device.h"
#include "agent/runs/run_folder.h"
#include "apps/commands.h"
#include "apps/evaluate_options.h"
#include "apps/number_checks.h"

namespace longplay {
namespace {

struct RenderArguments {
  EvaluateArguments evaluate;
  FilmOptions film;
  std::string run, out;
  bool json = false;
};

/// Into the run's folder, where reports find it.
std::string OutOf(const RenderArguments& arguments) {
  if (!arguments.out.empty()) return arguments.out;
  if (!NewestCheckpoint(arguments.run).empty()) return FilmOfRun(arguments.run);
  throw std::invalid_argument("filming: " + arguments.run +
                              ": expected --out beside a checkpoint, got none");
}

void Render(const RenderArguments& arguments) {
  const LoadedPolicy policy = LoadPolicy(arguments.run, ChooseDevice("cpu"));
  const std::string out = OutOf(arguments);
  const EvaluateOptions options = Override(policy.record.options.evaluate, arguments.evaluate);
  const int64_t frames = Film(policy, options, arguments.film, out);
  if (arguments.json) {
    std::puts(nlohmann::json{{"frames", frames}, {"video", out}}.dump().c_str());
  } else {
    std::printf("%s: %ld frames of %s\n", out.c_str(), static_cast<long>(frames),
                options.environment.c_str());
  }
}

}  // namespace

void AddRenderCommand(CLI::App& app) {
  auto arguments = std::make_shared<RenderArguments>();
  CLI::App* command = app.add_subcommand("render", "Film a trained policy in the simulator");
  command->add_option("run", arguments->run, "Run folder or checkpoint")->required();
  command->add_option("--out", arguments->out,
                      "Video file: .mp4 or .gif (default: RUN/video.mp4, which reports show)");
  AddEvaluateOptions(*command, arguments->evaluate);
  command->add_option("--chains", arguments->film.chains, "Contexts filmed side by side")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  command
      ->add_option("--frames", arguments->film.frames, "Stop after N frames; 0 = film all episodes")
      ->check(NotNegative())
      ->capture_default_str();
  command->add_option("--width", arguments->film.width, "[pixels] width of each context's picture")
      ->capture_default_str();
  command->add_option("--height", arguments->film.height, "[pixels] height of each picture")
      ->capture_default_str();
  command->add_option("--fps", arguments->film.frames_per_second, "Frames per second")
      ->check(Positive())
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { Render(*arguments); });
}

}  // namespace longplay
