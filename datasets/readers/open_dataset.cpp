// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "datasets/columnar/lerobot_folder.h"
#include "datasets/columnar/lerobot_reader.h"
#include "datasets/columnar/minari_folder.h"
#include "datasets/columnar/minari_tables.h"
#include "datasets/data_error.h"
#include "datasets/files/guarded_process.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/files/hdf5_reason.h"
#include "datasets/formats/format_reader.h"
#include "datasets/formats/numbered_groups.h"
#include "datasets/formats/path_options.h"
#include "datasets/readers/d3rlpy_reader.h"
#include "datasets/readers/d4rl_reader.h"
#include "datasets/readers/exorl_reader.h"
#include "datasets/readers/guarded_reader.h"
#include "datasets/readers/minari_reader.h"
#include "datasets/readers/npz_reader.h"
#include "datasets/readers/robomimic_reader.h"
#include "datasets/readers/vintix_reader.h"
#include "datasets/validate.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

/// A damaged file can keep the HDF5 library busy for ever; a sound one on a slow drive may be
/// silent for a while, too.
GuardLimits Limits() {
  const char* seconds = std::getenv("LONGPLAY_SILENT_SECONDS");
  const int64_t silent = seconds == nullptr ? 0 : std::atoll(seconds);
  return {.memory_bytes = int64_t{4} << 30, .silent_seconds = silent > 0 ? silent : 60};
}

/// Where a Minari folder, given as itself or as its data/, keeps its files.
fs::path MinariData(const std::string& path) {
  return fs::exists(fs::path(path) / "data") ? fs::path(path) / "data" : fs::path(path);
}

/// The HDF5 file meant by a path that may be a Minari folder.
std::string FileOf(const std::string& path) {
  if (!fs::is_directory(path)) return path;
  const fs::path inside = MinariData(path);
  if (!fs::exists(inside / "main_data.hdf5")) {
    throw DataError(path,
                    "expected a Minari folder with data/main_data.hdf5, ExoRL's .npz files or a "
                    "LeRobot folder with meta/info.json, got none of them");
  }
  return inside / "main_data.hdf5";
}

/// By its name: what else could a damaged HDF5 file be.
bool IsTextTable(const std::string& path) {
  return std::ranges::any_of(std::array{".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet"},
                             [&](const char* end) { return path.ends_with(end); });
}

/// For a file of any other kind the message says what else is read.
Hdf5File OpenAsHdf5(const std::string& file) {
  try {
    return Hdf5File(file);
  } catch (const DataError& error) {
    if (!error.problem().ends_with("got something else")) throw;
    throw DataError(file, error.problem() +
                              " (`longplay data import` reads tables; all formats: "
                              "datasets/FORMAT.md)");
  }
}

/// What stands at the root, so that a misspelt name is seen at once; of many the first.
std::string RootNames(const Hdf5File& file) {
  constexpr size_t kMost = 8;
  const std::vector<std::string> names = file.Children("/");
  if (names.empty()) return "nothing";
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kMost); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  return text + (names.size() > kMost ? " ..." : "");
}

enum class Format { kMinari, kD4rl, kRobomimic, kD3rlpy, kVintix };

Format Recognise(const Hdf5File& file) {
  // By what only one format has. An extra array beside them changes nothing.
  if (!NumberedGroups(file, "/", "episode_").empty()) return Format::kMinari;
  if (file.Exists("num_episodes")) return Format::kD3rlpy;
  if (file.Exists("observations") || file.Exists("actions")) return Format::kD4rl;
  const bool has_data = file.IsGroup("data");
  if (has_data && !NumberedGroups(file, "data", "demo_").empty()) return Format::kRobomimic;
  // Without a demo its env_args still tell what it was meant to be.
  if (has_data && file.StringAttribute("data", "env_args")) return Format::kRobomimic;
  if (std::ranges::any_of(file.Children("/"), IsVintixGroup)) return Format::kVintix;
  file.Fail("/",
            "arrays observations, actions ... (D4RL), groups episode_0 ... (Minari), data/demo_0 "
            "... (robomimic) or 0-9999 ... (Vintix), or num_episodes (d3rlpy)",
            "none of them: it holds " + RootNames(file));
}

}  // namespace

std::unique_ptr<FormatReader> MakeFormatReader(const std::string& path) {
  const std::string source = SourceFile(path);
  const std::string why = WhyNotReached(source);
  if (!why.empty()) throw DataError(source, "expected a data file or folder, got " + why);
  const PathOptions options = ParsePathOptions(path);
  const auto only = [&](const std::string& format, const std::vector<std::string>& known) {
    RefuseOtherOptions(path, format, known);
    // Of actions= one layout has what the others have not.
    const bool vintix = format == "Vintix";
    if (vintix ? options.actions.has_value() : options.demonstrator_actions) {
      throw DataError(path, std::string("expected ?actions=") +
                                (vintix ? "demonstrator" : "continuous|discrete") +
                                " for a file of " + format + ", got another");
    }
  };
  if (IsExorlFolder(source)) {
    only("ExoRL", {"reward"});
    return OpenExorl(source, options.reward);
  }
  if (IsNpzFile(source)) {
    only("arrays of numpy", {"actions", "states"});
    return OpenNpz(source, options);
  }
  if (IsTextTable(source)) {
    throw DataError(source,
                    "expected a data set, got a table: `longplay data import TABLE OUT` makes one");
  }
  if (IsLerobotFolder(source)) {
    only("LeRobot", {"observations", "actions"});
    return OpenLerobot(source, options);
  }
  if (fs::is_directory(source) && HoldsMinariTables(MinariData(source))) {
    only("Minari", {"actions"});
    return OpenMinariTables(MinariData(source), options);
  }
  const std::string file = FileOf(source);
  switch (Recognise(OpenAsHdf5(file))) {
    case Format::kMinari:
      only("Minari", {"actions"});
      return OpenMinari(file, options);
    case Format::kRobomimic:
      only("robomimic", {"observations"});
      return OpenRobomimic(file, options.observations);
    case Format::kD3rlpy:
      only("d3rlpy", {"actions"});
      return OpenD3rlpy(file, options);
    case Format::kVintix:
      only("Vintix", {"actions"});
      return OpenVintix(file, options);
    case Format::kD4rl:
      break;
  }
  only("D4RL", {"actions"});
  return OpenD4rl(file, options);
}

std::unique_ptr<EpisodeReader> OpenDataset(const std::string& path) {
  return OpenGuarded(path, Limits(), [path] { return MakeFormatReader(path); });
}

std::vector<Problem> ValidateDataset(const std::string& path) {
  const GuardedResult survey = RunGuarded(Limits(), [&](const std::function<void()>& alive) {
    ProblemLog log(ProblemLog::Mode::kCollect);
    log.Attempt([&] { SurveyAll(*MakeFormatReader(path), log, alive); });
    // Back to the parent as JSON; names in a damaged file may be no UTF-8.
    nlohmann::json problems = nlohmann::json::array();
    for (const Problem& problem : log.problems()) {
      problems.push_back({problem.severity == Severity::kError, problem.where, problem.problem});
    }
    return problems.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  });
  if (!survey.finished) {
    return {{Severity::kError, path, "expected a readable file, got " + survey.text}};
  }
  std::vector<Problem> problems;
  for (const nlohmann::json& problem : nlohmann::json::parse(survey.text)) {
    problems.push_back(
        {problem[0].get<bool>() ? Severity::kError : Severity::kWarning, problem[1], problem[2]});
  }
  return problems;
}

}  // namespace longplay
