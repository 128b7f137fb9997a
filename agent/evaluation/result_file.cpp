// SPDX-License-Identifier: MIT
#include "agent/evaluation/result_file.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "agent/config/config_json.h"
#include "agent/files/atomic_write.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

constexpr int kNewestSchema = 1;

/// Of a run's folder or of a checkpoint inside one.
fs::path RunFolder(const fs::path& given) {
  const fs::path folder = given.has_filename() ? given : given.parent_path();
  const bool checkpoint = fs::exists(folder / "policy.json");
  const bool inside = folder.parent_path().filename() == "checkpoints";
  return checkpoint && inside ? folder.parent_path().parent_path() : folder;
}

std::string Hash(const std::string& text) {
  uint32_t hash = 0x811C9DC5U;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193U;
  std::array<char, 9> digits;
  std::snprintf(digits.data(), digits.size(), "%08x", hash);
  return digits.data();
}

/// Applies `map` to every path in a document.
template <typename Function>
nlohmann::json WithPaths(nlohmann::json result, Function map) {
  const auto apply = [&](nlohmann::json& path) { path = map(path.get<std::string>()); };
  if (result.contains("run")) apply(result["run"]);
  for (nlohmann::json& run : result.at("runs")) apply(run.at("run"));
  for (nlohmann::json& file : result.at("data")) apply(file);
  return result;
}

RequestedRun RequestOfRun(const nlohmann::json& run) {
  RequestedRun request{.folder = run.at("run").get<std::string>()};
  const nlohmann::json& checkpoint = run.at("checkpoint");
  if (checkpoint.at("choice") == "given") return request;
  // Best is chosen anew among the same steps; anything else is asked for by its step.
  if (checkpoint.at("choice") != "best") {
    request.checkpoint = {.rule = CheckpointRule::kStep, .step = checkpoint.at("step")};
    return request;
  }
  const nlohmann::json& selection = checkpoint.at("selection");
  request.checkpoint = {.rule = CheckpointRule::kBest, .selection_seeds = selection.at("seeds")};
  for (const nlohmann::json& score : selection.at("scores")) {
    request.checkpoint.candidates.push_back(score.at("step"));
  }
  return request;
}

[[noreturn]] void Refuse(const std::string& path, const std::string& expected,
                         const std::string& got) {
  throw std::runtime_error("reading result: " + path + ": expected " + expected + ", got " + got);
}

}  // namespace

std::string DefaultResultPath(const nlohmann::json& result) {
  const nlohmann::json& head = result.at("runs").at(0);
  // Hashed: the question and the policies, so that the same evaluation has the same name.
  nlohmann::json asked = {result.at("kind"), result.at("options"),
                          result.value("data_hash", nlohmann::json())};
  for (const nlohmann::json& run : result.at("runs")) {
    asked.push_back({run.at("weights_hash"), run.at("checkpoint")});
  }
  const nlohmann::json& options = result.at("options");
  const size_t runs = result.at("runs").size();
  const std::string name = result.at("kind").get<std::string>() + "_" +
                           (runs > 1 ? std::to_string(runs) + "runs_" : "") +
                           head.at("checkpoint").at("choice").get<std::string>() + "-" +
                           head.at("checkpoint").at("step").dump() + "_" +
                           options.at("episodes").dump() + "x" + options.at("seeds").dump() + "_" +
                           Hash(asked.dump()) + ".json";
  return RunFolder(head.at("run").get<std::string>()) / "evaluations" / name;
}

void WriteResult(const std::string& path, const nlohmann::json& result) {
  // Paths are relative to the file, so that run and results can move together.
  const fs::path folder = fs::weakly_canonical(fs::absolute(path)).parent_path();
  const nlohmann::json portable = WithPaths(result, [&](const fs::path& target) {
    return fs::weakly_canonical(fs::absolute(target)).lexically_relative(folder).string();
  });
  WriteAtomically(path, portable.dump(1) + "\n", "writing result");
}

nlohmann::json ReadResult(const std::string& path) {
  std::ifstream file(path);
  if (!fs::exists(path)) Refuse(path, "a result file", "none: there is no such file");
  if (fs::is_directory(path)) {
    Refuse(path, "a result file", "a folder (results of a run are in RUN/evaluations)");
  }
  if (!file.is_open()) Refuse(path, "a result file", "one that cannot be read");
  const nlohmann::json result = nlohmann::json::parse(file, nullptr, false);
  if (result.is_discarded()) Refuse(path, "a result of longplay eval", "a file that is no JSON");
  if (!result.is_object() || !result.contains("schema")) {
    Refuse(path, "a result of longplay eval", "a file of something else (it has no schema)");
  }
  try {
    const int schema = result.at("schema");
    if (schema > kNewestSchema) {
      Refuse(path, "schema " + std::to_string(kNewestSchema) + " or older",
             std::to_string(schema) + ": a newer longplay wrote it");
    }
    const fs::path folder = fs::path(path).parent_path();
    nlohmann::json resolved = WithPaths(result, [&](const fs::path& target) {
      return (folder / target).lexically_normal().string();
    });
    // Read once here, so that what does not fit is refused with the file's name.
    RequestOf(resolved);
    return resolved;
  } catch (const nlohmann::json::exception& error) {
    Refuse(path, "a result of longplay eval", error.what());
  } catch (const std::invalid_argument& error) {
    Refuse(path, "options that this longplay has", error.what());
  }
}

EvaluationRequest RequestOf(const nlohmann::json& result) {
  EvaluationRequest request{.options = EvaluateFromJson(result.at("options")),
                            .data = result.at("data").get<std::vector<std::string>>(),
                            .device = result.at("machine").at("device").get<std::string>()};
  for (const nlohmann::json& run : result.at("runs")) request.runs.push_back(RequestOfRun(run));
  return request;
}

}  // namespace longplay
