// SPDX-License-Identifier: MIT
// The part of agent/filtering/fog_score.h that shows results.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "agent/filtering/fog_score.h"
#include "agent/scores/statistics.h"
#include "env/list/fog_of_id.h"

namespace longplay {
namespace {

/// Six digits; nothing for what is not known.
std::string Shown(double value) {
  if (std::isnan(value)) return "";
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string Interval(const Estimate& estimate) {
  if (std::isnan(estimate.low)) return "";
  char text[64];
  std::snprintf(text, sizeof text, "[%.4g, %.4g]", estimate.low, estimate.high);
  return text;
}

}  // namespace

nlohmann::json ToJson(const FogScore& score) {
  nlohmann::json json = {{"environment", score.environment},
                         {"trained_on", score.trained_on},
                         {"drift", score.task.drift},
                         {"sigma", score.task.sigma},
                         {"window", score.window},
                         {"trained_steps", score.trained_steps},
                         {"interval", IntervalJson("episodes", score.rows.front().excess.size())},
                         {"excess", nlohmann::json::array()}};
  for (const FogScoreRow& row : score.rows) {
    nlohmann::json entry = ToJson(BootstrapMean(row.excess));
    entry["step"] = row.step;
    entry["limit"] = -2 * row.variance;
    entry["zero_action"] = row.zero_action;
    if (score.window > 0) entry["window"] = row.window;
    entry["episodes"] = row.excess.size();
    json["excess"].push_back(std::move(entry));
  }
  return json;
}

std::string FogScoreCsv(const FogScore& score) {
  std::string csv = "step,limit,zero_action,window,episodes,mean,low,high\n";
  for (const FogScoreRow& row : score.rows) {
    const Estimate mean = BootstrapMean(row.excess);
    csv += std::to_string(row.step) + "," + Shown(-2 * row.variance) + "," +
           Shown(row.zero_action) + "," + (score.window > 0 ? Shown(row.window) : "") + "," +
           std::to_string(row.excess.size()) + "," + Shown(mean.value) + "," + Shown(mean.low) +
           "," + Shown(mean.high) + "\n";
  }
  return csv;
}

std::string FogScoreText(const FogScore& score) {
  std::string text = score.environment + ": excess over the limit, as a share of it";
  if (score.window > 0) text += ", context cut to " + std::to_string(score.window) + " steps";
  const auto trained = FogOfId(score.trained_on);  // none where that is not known
  if (trained && (trained->drift != score.task.drift || trained->sigma != score.task.sigma)) {
    text += "; trained on " + score.trained_on;
  }
  text += "\n     steps   best reward    excess  95 % interval            action 0  episodes\n";
  for (const FogScoreRow& row : score.rows) {
    const Estimate mean = BootstrapMean(row.excess);
    const int64_t seen = score.window > 0 ? std::min(row.step, score.window) : row.step;
    char line[160];
    std::snprintf(line, sizeof line, "%10ld  %12.6g  %8.4g  %-24s %8.4g  %8zu%s\n",
                  static_cast<long>(row.step), -2 * row.variance, mean.value,
                  Interval(mean).c_str(), row.zero_action, row.excess.size(),
                  seen > score.trained_steps && score.trained_steps > 0 ? "  beyond training" : "");
    text += line;
  }
  return text;
}

}  // namespace longplay
