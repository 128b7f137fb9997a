// SPDX-License-Identifier: MIT
#include "agent/evaluation/evaluation_text.h"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "agent/scores/statistics.h"

namespace longplay {
namespace {

std::string Format(const char* format, ...) __attribute__((format(printf, 1, 2)));
std::string Format(const char* format, ...) {
  std::array<char, 512> text;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  return text.data();
}

/// A text without quotes, anything else as JSON has it.
std::string Text(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string Estimate(const nlohmann::json& estimate, const char* number) {
  // A number that is none is null in JSON, and shown as 0.
  const auto value = [&](const nlohmann::json& json) {
    return Format(number, json.is_number() ? json.get<double>() : 0.0);
  };
  const auto bounds = [&](const nlohmann::json& json) {
    return "[" + value(json[0]) + ", " + value(json[1]) + "]";
  };
  if (!estimate["ci95"].is_null()) {
    return value(estimate["mean"]) + "   95 % interval " + bounds(estimate["ci95"]);
  }
  return value(estimate["mean"]) +
         (estimate.contains("range") ? "   range " + bounds(estimate["range"]) : "");
}

/// One line a run: which checkpoint it is and how that was chosen.
std::string Checkpoints(const nlohmann::json& result) {
  std::string text;
  for (const nlohmann::json& run : result["runs"]) {
    const nlohmann::json& checkpoint = run["checkpoint"];
    text += Format("%s: %s checkpoint, step %s", Text(run["run"]).c_str(),
                   Text(checkpoint["choice"]).c_str(), Text(checkpoint["step"]).c_str());
    const nlohmann::json& selection = checkpoint["selection"];
    if (!selection.is_null()) {
      text += Format(", chosen on %s other seeds:", Text(selection["seeds"]).c_str());
      for (const nlohmann::json& score : selection["scores"]) {
        text += Format(" step %s %.3f", Text(score["step"]).c_str(), score["last"].get<double>());
      }
    }
    text += "\n";
  }
  return text;
}

std::string Interval(const nlohmann::json& result) {
  if (result["interval"]["count"] < kFewestForInterval) {
    return "Of " + Text(result["interval"]["count"]) + " (" +
           Text(result["interval"]["resampled"]) + "): too few for an interval.\n";
  }
  return "Intervals resample " + Text(result["interval"]["resampled"]) + " (" +
         Text(result["interval"]["count"]) + ").\n";
}

std::string ReturnsText(const nlohmann::json& result) {
  // What was played, checkpoints, the four measures with scores, then how to read them.
  const size_t runs = result["runs"].size();
  std::string text =
      Format("%s: %s%s seeds x %s episodes, target return %g, %.1f s\n",
             Text(result["environment"]).c_str(),
             runs > 1 ? (std::to_string(runs) + " runs x ").c_str() : "",
             Text(result["options"]["seeds"]).c_str(), Text(result["options"]["episodes"]).c_str(),
             result["target"].get<double>(), result["seconds"].get<double>());
  text += Checkpoints(result);
  for (const char* name : {"first", "last", "mean", "best"}) {
    text += Format("  %-6s", name) + Estimate(result[name], "%10.3f");
    if (!result["normalized"].is_null()) {
      text += Format("   score %.1f", result["normalized"][name]["mean"].get<double>());
    }
    text += "\n";
  }
  if (!result["normalized"].is_null()) {
    text += "Scores: 0 and 100 are the reference returns of " +
            Text(result["reference"]["source"]) + ".\n";
  }
  text += Interval(result);
  if (result["diverged"] != 0) {
    text += Text(result["diverged"]) + " episodes ended early: the simulation diverged.\n";
  }
  return text;
}

std::string ErrorText(const nlohmann::json& result) {
  std::string text =
      Format("%s, %s chains of %s episodes\n", Text(result["measure"]).c_str(),
             Text(result["options"]["seeds"]).c_str(), Text(result["options"]["episodes"]).c_str());
  text += Checkpoints(result);
  for (const nlohmann::json& row : result["error"]) {
    text += Format("  episode %-4s", Text(row["episode"]).c_str()) + Estimate(row, "%10.5f");
    if (row.contains("accuracy")) {
      text += Format("   accuracy %.4f", row["accuracy"]["mean"].get<double>());
    }
    if (row.contains("negative_log_likelihood")) {
      text += Format("   negative log-likelihood %.5f",
                     row["negative_log_likelihood"]["mean"].get<double>());
    }
    text += "\n";
  }
  text += Interval(result);
  if (result["training_data"] == true) text += "Warning: the policy was trained on these data.\n";
  return text;
}

}  // namespace

std::string EvaluationText(const nlohmann::json& result) {
  return result["kind"] == "returns" ? ReturnsText(result) : ErrorText(result);
}

std::string VerificationText(const nlohmann::json& verification) {
  std::string text = verification["same"] == true ? "The same.\n" : "Not the same.\n";
  text += "Compared: " + Text(verification["compared"]) + ".\n";
  for (const char* key : {"made_with", "differences"}) {
    for (const nlohmann::json& row : verification[key]) {
      text += "  " + Text(row["where"]) + ": expected " + Text(row["expected"]) + ", got " +
              Text(row["got"]) + "\n";
    }
  }
  return text;
}

}  // namespace longplay
