// SPDX-License-Identifier: MIT
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "datasets/d4rl_reader.h"
#include "datasets/data_error.h"
#include "datasets/dataset_info_json.h"
#include "datasets/format_reader.h"
#include "datasets/guarded_process.h"
#include "datasets/hdf5_file.h"
#include "datasets/minari_reader.h"
#include "datasets/validate.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

constexpr GuardLimits kLimits{.memory_bytes = int64_t{4} << 30, .silent_seconds = 120};

/// The HDF5 file meant by a path that may be a Minari folder.
std::string FileOf(const std::string& path) {
  if (!fs::exists(path)) throw DataError(path, "expected a file or folder, got nothing");
  if (!fs::is_directory(path)) return path;
  const fs::path inside =
      fs::exists(fs::path(path) / "data") ? fs::path(path) / "data" : fs::path(path);
  if (!fs::exists(inside / "main_data.hdf5")) {
    throw DataError(path, "expected a Minari folder with data/main_data.hdf5, got none");
  }
  return inside / "main_data.hdf5";
}

/// Names the formats that people have and we do not read, so that they know it is not their fault.
std::string Recognise(const Hdf5File& file) {
  for (const std::string& name : file.Children("/")) {
    if (name.starts_with("episode_")) return "minari";
  }
  if (file.Exists("observations") || file.Exists("actions")) return "d4rl";
  if (file.IsGroup("data") && file.StringAttribute("data", "env_args")) {
    file.Fail("/", "the D4RL or Minari layout", "a robomimic file, which is not read yet");
  }
  if (file.Exists("num_episodes")) {
    file.Fail("/", "the D4RL or Minari layout", "a d3rlpy file, which is not read yet");
  }
  file.Fail("/", "arrays observations, actions ... (D4RL) or groups episode_0 ... (Minari)",
            "neither");
}

}  // namespace

std::unique_ptr<FormatReader> MakeFormatReader(const std::string& path) {
  const std::string file = FileOf(path);
  if (Recognise(Hdf5File(file)) == "minari") return OpenMinari(file);
  return OpenD4rl(file);
}

std::unique_ptr<EpisodeReader> OpenDataset(const std::string& path) {
  const GuardedResult survey = RunGuarded(kLimits, [&](const std::function<void()>& alive) {
    const std::unique_ptr<FormatReader> reader = MakeFormatReader(path);
    ProblemLog log(ProblemLog::Mode::kThrowFirstError);
    reader->Survey(log, alive);
    return ToText(reader->info());
  });
  if (!survey.finished) {
    const bool explained = survey.text.starts_with("reading data: ");
    throw std::runtime_error(explained ? survey.text
                                       : "reading data: " + path +
                                             ": expected a readable file, got " + survey.text);
  }
  std::unique_ptr<FormatReader> reader = MakeFormatReader(path);
  reader->Adopt(DatasetInfoFromText(survey.text));
  return reader;
}

std::vector<Problem> ValidateDataset(const std::string& path) {
  const GuardedResult survey = RunGuarded(kLimits, [&](const std::function<void()>& alive) {
    ProblemLog log(ProblemLog::Mode::kCollect);
    log.Attempt([&] { MakeFormatReader(path)->Survey(log, alive); });
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
