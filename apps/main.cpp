// SPDX-License-Identifier: MIT
// The program `longplay`: one subcommand per file in apps/. Exit codes: 0 done, 1 failed (one line
// on stderr), 2 wrong usage, 75 stopped by a signal with everything saved.
#include <c10/util/Exception.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/names/closest_names.h"
#include "agent/stop_signal.h"
#include "agent/version.h"
#include "apps/commands.h"
#include "apps/number_checks.h"
#include "apps/thread_waits.h"
#include "model/memory/large_blocks.h"

namespace {

constexpr int kStoppedBySignal = 75;  // EX_TEMPFAIL of sysexits.h: try again later

/// One line, whatever the exception carries (LibTorch appends a backtrace to what()).
std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

/// The way out; `bytes` is what could not be had, 0 = not known.
std::string OutOfMemory(double bytes) {
  char size[64] = "";
  if (bytes > 0) std::snprintf(size, sizeof size, " for %.3g MiB more", bytes / (1 << 20));
  return std::string("out of memory") + size +
         ": to use less, set train.tokens_per_pass (gradient accumulation), model.keep: "
         "layer_inputs, "
         "model.tokens_at_once: 2048, or fewer evaluate.seeds (docs/how-to/long-contexts.md)";
}

/// LibTorch's errors, in our words where they are of memory.
std::string Line(const c10::Error& error) {
  const std::string line = FirstLine(error.what_without_backtrace());
  // "... can't allocate memory: you tried to allocate 123 bytes ..."; on GPUs "out of memory".
  const std::string asked = "tried to allocate ";
  const size_t at = line.find(asked);
  if (line.find("can't allocate memory") != std::string::npos) {
    return OutOfMemory(at == std::string::npos ? 0 : std::atof(line.c_str() + at + asked.size()));
  }
  return line.find("out of memory") == std::string::npos ? line : line + "; " + OutOfMemory(0);
}

/// The options or commands that may follow `command`, as they are written.
std::vector<std::string> NamesAfter(const CLI::App& command, bool options) {
  std::vector<std::string> names;
  if (options) {
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
  }
  for (const CLI::App* next : command.get_subcommands([](const CLI::App*) { return true; })) {
    if (!next->get_group().empty()) names.push_back(next->get_name());
  }
  return names;
}

/// What is wrong with the command line; for a mistyped word the names that are close to it.
std::string UsageLine(const CLI::App& app, const CLI::ParseError& error) {
  // The innermost command that was found: "longplay data info".
  const CLI::App* command = &app;
  std::string name = "longplay";
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().back();
    name += " " + command->get_name();
  }
  const std::string help = name + " --help";
  const std::vector<std::string> words = app.remaining(/*recurse=*/true);
  if (words.empty()) return FirstLine(error.what()) + " (see " + help + ")";
  const bool option = words[0].starts_with("-");
  const std::string closest = longplay::ClosestText(words[0], NamesAfter(*command, option));
  const std::string what = closest.empty() ? "argument" : option ? "option" : "command";
  return "unknown " + what + " " + words[0] + " (" +
         (closest.empty() ? "" : "closest: " + closest + "; ") + "all: " + help + ")";
}

void PrintVersion(bool json) {
  const nlohmann::json versions = longplay::Versions();
  if (json) {
    std::puts(versions.dump().c_str());
    return;
  }
  std::printf("longplay %s (LibTorch %s, MuJoCo %s, HDF5 %s)\n",
              versions["longplay"].get<std::string>().c_str(),
              versions["libtorch"].get<std::string>().c_str(),
              versions["mujoco"].get<std::string>().c_str(),
              versions["hdf5"].get<std::string>().c_str());
}

int Run(int argc, char** argv) {
  CLI::App app("Reinforcement learning from offline data with very long context", "longplay");
  bool version = false;
  bool json = false;
  app.add_flag("--version", version, "Print the versions of longplay and its libraries");
  app.add_flag("--json", json, "With --version: print one JSON object");
  app.require_subcommand(0, 1);
  // In the order of --help: from the first look to what is rarely needed.
  longplay::AddDemoCommand(app);
  longplay::AddCollectCommand(app);
  longplay::AddDataCommand(app);
  longplay::AddEnvCommand(app);
  longplay::AddPlanCommand(app);
  longplay::AddTrainCommand(app);
  longplay::AddEvalCommand(app);
  longplay::AddExcessCommand(app);
  longplay::AddCompareCommand(app);
  longplay::AddReportCommand(app);
  longplay::AddScoreCommand(app);
  longplay::AddRenderCommand(app);
  longplay::AddImportCommand(app);
  longplay::AddExportCommand(app);
  longplay::AddBenchCommand(app);
  longplay::AddDocsCommand(app);
  longplay::CheckWholeNumbers(app);
  // Commands run while arguments are parsed; their own exceptions pass to main.
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);  // --help
  } catch (const CLI::RuntimeError& error) {
    return error.get_exit_code();  // a command's own verdict, already printed
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "error: usage: %s\n", UsageLine(app, error).c_str());
    return 2;
  }
  if (version) {
    PrintVersion(json);
    return 0;
  }
  if (app.get_subcommands().empty()) {
    std::fputs(app.help().c_str(), stderr);
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  longplay::LetThreadsSleep(argv);
  longplay::ReuseLargeBlocks();
  // The special before the general: all of them are std::exception.
  try {
    return Run(argc, argv);
  } catch (const longplay::StoppedBySignal& stopped) {
    std::fprintf(stderr, "%s; go on with: %s\n", stopped.what(), stopped.resume().c_str());
    return kStoppedBySignal;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "error: %s\n", OutOfMemory(0).c_str());
  } catch (const c10::Error& error) {
    std::fprintf(stderr, "error: %s\n", Line(error).c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", FirstLine(error.what()).c_str());
  }
  return 1;
}
