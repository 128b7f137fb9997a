// SPDX-License-Identifier: MIT
#include "agent/evaluation/verification.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "agent/config/config.h"
#include "agent/config/config_json.h"
#include "agent/evaluation/result_file.h"

namespace longplay {
namespace {

constexpr size_t kMostDifferences = 100;
// of the bounds' size: other machines round differently also where a mean has no spread
constexpr double kSlack = 1e-3;

void Note(const std::string& where, const nlohmann::json& expected, const nlohmann::json& got,
          nlohmann::json& differences) {
  if (differences.size() >= kMostDifferences) return;
  differences.push_back({{"where", where}, {"expected", expected}, {"got", got}});
}

/// Every leaf that is not equal.
void Differ(const std::string& where, const nlohmann::json& expected, const nlohmann::json& got,
            nlohmann::json& differences) {
  if (expected.is_object() && got.is_object()) {
    std::set<std::string> keys;
    for (const auto& item : expected.items()) keys.insert(item.key());
    for (const auto& item : got.items()) keys.insert(item.key());
    const std::string before = where.empty() ? "" : where + ".";
    for (const std::string& key : keys) {
      const auto none = nlohmann::json();
      Differ(before + key, expected.value(key, none), got.value(key, none), differences);
    }
  } else if (expected.is_array() && got.is_array() && expected.size() == got.size()) {
    for (size_t i = 0; i < expected.size(); ++i) {
      Differ(where + "[" + std::to_string(i) + "]", expected[i], got[i], differences);
    }
  } else if (expected != got) {
    Note(where, expected, got, differences);
  }
}

/// As the present program writes it: keys that are newer than the result have their defaults, and
/// keys that have another name now have that one.
nlohmann::json ConfigNow(const nlohmann::json& config) {
  return ConfigToJson(ParseConfig(config.dump(), "result", {}));  // JSON is YAML
}

/// Without what may differ between two equal evaluations: paths, times, how a step was named, what is
/// noted in words.
nlohmann::json Comparable(nlohmann::json result) {
  result["options"] = EvaluateToJson(EvaluateFromJson(result["options"]));
  for (const char* key : {"schema", "versions", "machine", "data", "run", "seconds", "notes"}) {
    result.erase(key);
  }
  for (nlohmann::json& run : result["runs"]) {
    run.erase("run");
    run.erase("seconds");
    run.erase("notes");
    run["checkpoint"].erase("choice");
    run["config"] = ConfigNow(run["config"]);
  }
  return result;
}

/// Who was evaluated, on what.
nlohmann::json Identity(const nlohmann::json& result) {
  nlohmann::json identity = {{"kind", result.at("kind")},
                             {"data_hash", result.value("data_hash", nlohmann::json())}};
  for (const nlohmann::json& run : result.at("runs")) {
    identity["runs"].push_back({{"data_hash", run.at("data_hash")},
                                {"weights_hash", run.at("weights_hash")},
                                {"step", run.at("checkpoint").at("step")}});
  }
  return identity;
}

/// What an estimate says of itself: its interval, or the range of few runs, or its mean alone.
nlohmann::json BoundsOf(const nlohmann::json& estimate) {
  if (!estimate.at("ci95").is_null()) return estimate["ci95"];
  if (estimate.contains("range")) return estimate["range"];
  return {estimate.at("mean"), estimate.at("mean")};
}

void CompareMean(const std::string& where, const nlohmann::json& expected,
                 const nlohmann::json& got, nlohmann::json& differences) {
  // The new mean must lie in the old bounds.
  const nlohmann::json bounds = BoundsOf(expected);
  const double mean = got.at("mean"), low = bounds[0], high = bounds[1];
  const double slack = kSlack * std::max(std::abs(low), std::abs(high));
  if (mean >= low - slack && mean <= high + slack) return;
  Note(where + ".mean", bounds, mean, differences);
}

void CompareMeans(const nlohmann::json& expected, const nlohmann::json& got,
                  nlohmann::json& differences) {
  for (const char* key : {"first", "last", "mean", "best"}) {
    if (expected.contains(key)) CompareMean(key, expected[key], got.at(key), differences);
  }
  if (!expected.contains("error")) return;
  const nlohmann::json &rows = expected["error"], &others = got.at("error");
  for (size_t i = 0; i < std::min(rows.size(), others.size()); ++i) {
    CompareMean("error[" + std::to_string(i) + "]", rows[i], others[i], differences);
  }
}

void Replace(const std::vector<std::string>& paths, size_t count, const std::string& what) {
  if (paths.empty() || paths.size() == count) return;
  throw std::invalid_argument("verifying result: " + what + ": expected as many as in the file, " +
                              std::to_string(count) + ", got " + std::to_string(paths.size()));
}

}  // namespace

nlohmann::json CompareResults(const nlohmann::json& expected, const nlohmann::json& got_as_made) {
  // As it would be read from a file: numbers that are none are null there.
  const nlohmann::json got = nlohmann::json::parse(got_as_made.dump());
  nlohmann::json made_with = nlohmann::json::array(), differences = nlohmann::json::array();
  Differ("versions", expected.at("versions"), got.at("versions"), made_with);
  Differ("machine", expected.at("machine"), got.at("machine"), made_with);
  std::string compared = "every number, exactly: versions and machine are the same";
  if (made_with.empty()) {
    // Another policy or other data differ everywhere: then this alone is told.
    Differ("", Identity(expected), Identity(got), differences);
    if (differences.empty()) Differ("", Comparable(expected), Comparable(got), differences);
  } else {
    compared =
        "policy and data exactly, means against the 95 % intervals: versions or machine differ";
    Differ("", Identity(expected), Identity(got), differences);
    CompareMeans(expected, got, differences);
  }
  return {{"same", differences.empty()},
          {"compared", compared},
          {"differences", differences},
          {"made_with", made_with}};
}

nlohmann::json Verify(const std::string& path, const VerificationOptions& options,
                      const std::function<void(int64_t, int64_t)>& on_progress) {
  // The same request, with what the caller has elsewhere in its place.
  const nlohmann::json expected = ReadResult(path);
  EvaluationRequest request = RequestOf(expected);
  Replace(options.runs, request.runs.size(), "--run");
  Replace(options.data, request.data.size(), "--data");
  for (size_t i = 0; i < options.runs.size(); ++i) request.runs[i].folder = options.runs[i];
  if (!options.data.empty()) request.data = options.data;
  if (!options.device.empty()) request.device = options.device;
  return CompareResults(expected, RunEvaluation(request, on_progress));
}

}  // namespace longplay
