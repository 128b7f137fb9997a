// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "datasets/data_error.h"
#include "datasets/files/guarded_process.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/formats/dataset_info_json.h"
#include "datasets/formats/format_reader.h"
#include "datasets/formats/lint.h"
#include "datasets/readers/d3rlpy_reader.h"
#include "datasets/readers/d4rl_reader.h"
#include "datasets/readers/exorl_reader.h"
#include "datasets/readers/minari_reader.h"
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

/// A path's options, FILE?name=value&name=value.
struct PathOptions {
  std::vector<std::string> observations;
  int64_t reward = -1;
};

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

PathOptions ParseOptions(const std::string& path) {
  PathOptions options;
  const std::string file = SourceFile(path);
  if (file.size() == path.size()) return options;
  for (const std::string& part : Split(path.substr(file.size() + 1), '&')) {
    // Without '=' the value is empty, which no option takes.
    const size_t equals = std::min(part.find('='), part.size() - 1);
    const std::string name = part.substr(0, equals), value = part.substr(equals + 1);
    if (name == "observations" && !value.empty()) {
      options.observations = Split(value, ',');
    } else if (name == "reward" && value.size() == 1 && value[0] >= '0' && value[0] <= '9') {
      options.reward = value[0] - '0';
    } else {
      throw DataError(path, "expected ?observations=KEY,KEY or ?reward=0 ... 9, got " + part);
    }
  }
  return options;
}

/// The HDF5 file meant by a path that may be a Minari folder.
std::string FileOf(const std::string& path) {
  if (!fs::is_directory(path)) return path;
  const fs::path inside =
      fs::exists(fs::path(path) / "data") ? fs::path(path) / "data" : fs::path(path);
  if (!fs::exists(inside / "main_data.hdf5")) {
    throw DataError(path,
                    "expected a Minari folder with data/main_data.hdf5 or ExoRL's .npz files, got "
                    "neither");
  }
  return inside / "main_data.hdf5";
}

enum class Format { kMinari, kD4rl, kRobomimic, kD3rlpy, kVintix };

Format Recognise(const Hdf5File& file) {
  // By names that only one format has.
  const std::vector<std::string> names = file.Children("/");
  const auto any = [&](auto matches) { return std::ranges::any_of(names, matches); };
  if (any([](const std::string& name) { return name.starts_with("episode_"); })) {
    return Format::kMinari;
  }
  if (file.Exists("num_episodes")) return Format::kD3rlpy;
  if (file.Exists("observations") || file.Exists("actions")) return Format::kD4rl;
  // Where demo_0 is missing, as in a filtered copy, robomimic's env_args still tells.
  if (file.IsGroup("data") && file.Exists("data/demo_0")) return Format::kRobomimic;
  if (file.IsGroup("data") && file.StringAttribute("data", "env_args")) return Format::kRobomimic;
  if (any(IsVintixGroup)) return Format::kVintix;
  file.Fail("/",
            "arrays observations, actions ... (D4RL), groups episode_0 ... (Minari), data/demo_0 "
            "... (robomimic) or 0-9999 ... (Vintix), or num_episodes (d3rlpy)",
            "none of them");
}

}  // namespace

std::string SourceFile(const std::string& path) {
  // A '?' that is part of an existing name begins no options.
  return fs::exists(path) ? path : path.substr(0, path.find('?'));
}

std::unique_ptr<FormatReader> MakeFormatReader(const std::string& path) {
  const std::string source = SourceFile(path);
  if (!fs::exists(source)) throw DataError(source, "expected a file or folder, got nothing");
  const PathOptions options = ParseOptions(path);
  if (IsExorlFolder(source)) return OpenExorl(source, options.reward);
  const std::string file = FileOf(source);
  switch (Recognise(Hdf5File(file))) {
    case Format::kMinari:
      return OpenMinari(file);
    case Format::kRobomimic:
      return OpenRobomimic(file, options.observations);
    case Format::kD3rlpy:
      return OpenD3rlpy(file);
    case Format::kVintix:
      return OpenVintix(file);
    case Format::kD4rl:
      break;
  }
  return OpenD4rl(file);
}

namespace {

enum class Depth { kSteps, kEverything };

/// Does in a child process what will be done here, so that the library's crashes stay there.
std::unique_ptr<EpisodeReader> OpenSurveyed(const std::string& path, Depth depth) {
  const GuardedResult survey = RunGuarded(Limits(), [&](const std::function<void()>& alive) {
    const std::unique_ptr<FormatReader> reader = MakeFormatReader(path);
    ProblemLog log(ProblemLog::Mode::kThrowFirstError);
    reader->Survey(log, alive);
    Episode episode;
    for (int64_t e = 0; e < reader->info().episodes; ++e) {
      reader->Read(e, episode);
      if (depth == Depth::kEverything) {
        reader->ReadExtras(e);
        reader->ReadPhysics(e);
      }
      alive();
    }
    return ToText(reader->info());
  });
  if (!survey.finished) {
    // An error of a check names its place; a crash or a silence has only a reason.
    const bool explained = survey.text.starts_with("reading data: ");
    throw std::runtime_error(explained ? survey.text
                                       : "reading data: " + path +
                                             ": expected a readable file, got " + survey.text);
  }
  // Here it is opened only: what the survey counted comes from the child.
  std::unique_ptr<FormatReader> reader = MakeFormatReader(path);
  reader->Adopt(DatasetInfoFromText(survey.text));
  return reader;
}

}  // namespace

std::unique_ptr<EpisodeReader> OpenDataset(const std::string& path) {
  return OpenSurveyed(path, Depth::kSteps);
}

std::unique_ptr<EpisodeReader> OpenDatasetWithExtras(const std::string& path) {
  return OpenSurveyed(path, Depth::kEverything);
}

std::vector<Problem> ValidateDataset(const std::string& path) {
  const GuardedResult survey = RunGuarded(Limits(), [&](const std::function<void()>& alive) {
    ProblemLog log(ProblemLog::Mode::kCollect);
    log.Attempt([&] {
      const std::unique_ptr<FormatReader> reader = MakeFormatReader(path);
      reader->Survey(log, alive);
      // Lint reads every episode, which only a sound file allows.
      if (!log.has_errors()) Lint(*reader, log, alive);
    });
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
