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

#include "agent/stop_signal.h"
#include "agent/version.h"
#include "apps/commands.h"

namespace {

constexpr int kStoppedBySignal = 75;  // EX_TEMPFAIL of sysexits.h: try again later

/// One line, whatever the exception carries (LibTorch appends a backtrace to what()).
std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

/// The way out; `bytes` is what could not be had, 0 = not known.
std::string OutOfMemory(double bytes) {
  char size[64] = "";
  if (bytes > 0) std::snprintf(size, sizeof size, " for %.3g MiB more", bytes / (1 << 20));
  return std::string("out of memory") + size +
         ": less is taken with train.tokens_per_pass or train.tokens_per_step (fewer tokens a "
         "pass), model.keep: layer_inputs, model.tokens_at_once: 2048, or fewer evaluate.seeds";
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
  longplay::AddTrainCommand(app);
  longplay::AddEvalCommand(app);
  longplay::AddExcessCommand(app);
  longplay::AddCompareCommand(app);
  longplay::AddRenderCommand(app);
  longplay::AddImportCommand(app);
  longplay::AddExportCommand(app);
  longplay::AddBenchCommand(app);
  // Commands run while arguments are parsed; their own exceptions pass to main.
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);  // --help
  } catch (const CLI::RuntimeError& error) {
    return error.get_exit_code();  // a command's own verdict, already printed
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "error: usage: %s (see --help)\n", FirstLine(error.what()).c_str());
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
