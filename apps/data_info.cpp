// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "agent/notes.h"
#include "agent/progress_bar.h"
#include "apps/commands.h"
#include "datasets/episode_reader.h"
#include "datasets/store/dataset_summary.h"

namespace longplay {
namespace {

using nlohmann::json;

template <typename Values>
json Spread(const Values& values) {
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return {{"min", std::ranges::min(values)},
          {"mean", sum / static_cast<double>(values.size())},
          {"max", std::ranges::max(values)}};
}

json Parts(const std::vector<ColumnPart>& parts) {
  json list = json::array();
  for (const ColumnPart& part : parts) list.push_back({{"name", part.name}, {"size", part.size}});
  return list;
}

json ToJson(const DatasetSummary& summary) {
  const DatasetInfo& info = summary.info;
  return {{"format", info.format},
          {"episodes", info.episodes},
          {"steps", info.steps},
          {"observation_size", info.observation_size},
          {"observation_parts", Parts(info.observation_parts)},
          {"action_size", info.action_size},
          {"action_parts", Parts(info.action_parts)},
          {"action_kind", info.action_kind == ActionKind::kDiscrete ? "discrete" : "continuous"},
          {"has_rewards", info.has_rewards},
          {"returns", info.has_rewards ? Spread(summary.returns) : json(nullptr)},
          {"lengths", Spread(summary.lengths)},
          {"ends",
           {{"terminated", summary.terminated},
            {"at_the_limit", summary.at_the_limit},
            {"cut_before", summary.cut_before},
            {"without_a_flag", summary.without_a_flag}}},
          {"final_observations", summary.final_observations},
          {"histories", summary.histories},
          {"environment", info.environment.empty() ? json(nullptr) : json(info.environment)},
          {"action_repeat", info.action_repeat},
          {"max_episode_steps",
           info.max_episode_steps > 0 ? json(info.max_episode_steps) : json(nullptr)},
          {"warnings", summary.warnings}};
}

/// Rows of a bar each, for a terminal.
template <typename Values>
void PrintHistogram(const char* title, const Values& values) {
  constexpr int kRows = 10, kWidth = 50;
  const auto low = static_cast<double>(std::ranges::min(values));
  const auto high = static_cast<double>(std::ranges::max(values));
  if (low == high || !std::isfinite(high - low)) {
    std::printf(low == high ? "%s: all %g\n" : "%s: from %g to %g\n", title, low, high);
    return;
  }
  std::vector<int64_t> counts(kRows, 0);
  for (const auto value : values) {
    const double share = (static_cast<double>(value) - low) / (high - low);
    counts[std::clamp(static_cast<int>(share * kRows), 0, kRows - 1)] += 1;
  }
  std::printf("%s\n", title);
  for (int row = 0; row < kRows; ++row) {
    const double from = low + (high - low) * row / kRows;
    const auto bar = static_cast<size_t>(std::ceil(static_cast<double>(counts[row] * kWidth) /
                                                   static_cast<double>(std::ranges::max(counts))));
    std::printf("%12.6g  %-50s %ld\n", from, std::string(bar, '#').c_str(),
                static_cast<long>(counts[row]));
  }
}

/// "17: object 10, robot0_eef_pos 3, ..." in the order of the columns.
std::string Columns(int64_t size, const std::vector<ColumnPart>& parts) {
  std::ostringstream text;
  text << size;
  for (size_t k = 0; k < parts.size(); ++k) {
    text << (k == 0 ? ": " : ", ") << parts[k].name << " " << parts[k].size;
  }
  return text.str();
}

std::string Actions(const DatasetInfo& info) {
  std::ostringstream text;
  if (info.action_kind == ActionKind::kDiscrete) {
    text << "discrete, one of " << info.action_size;
    if (info.action_start != 0) text << ", the first is " << info.action_start << " in the file";
    return text.str();
  }
  text << "continuous, " << Columns(info.action_size, info.action_parts);
  // All alike in one word; the file may not say any.
  if (info.action_low.empty()) return text.str() + "; bounds not stated";
  const bool alike = std::ranges::count(info.action_low, info.action_low[0]) == info.action_size &&
                     std::ranges::count(info.action_high, info.action_high[0]) == info.action_size;
  if (alike) {
    text << "; in [" << info.action_low[0] << ", " << info.action_high[0] << "]";
  } else {
    text << "; each with bounds of its own";
  }
  return text.str();
}

void PrintText(const DatasetSummary& summary) {
  const DatasetInfo& info = summary.info;
  const auto line = [](const char* name, const std::string& text) {
    std::printf("%-20s %s\n", name, text.c_str());
  };
  // What it is.
  line("file", info.path);
  line("format", info.format);
  line("environment", info.environment.empty() ? "not stated" : info.environment);
  if (info.action_repeat != 1) line("action repeat", std::to_string(info.action_repeat));
  if (info.max_episode_steps > 0) line("episode limit", std::to_string(info.max_episode_steps));
  line("episodes",
       std::to_string(info.episodes) +
           (summary.histories > 1 ? ", of " + std::to_string(summary.histories) + " histories"
                                  : ""));
  line("steps", std::to_string(info.steps));
  line("observations", Columns(info.observation_size, info.observation_parts));
  line("actions", Actions(info));
  // How episodes end.
  std::ostringstream ends;
  ends << summary.terminated << " terminated, " << summary.at_the_limit << " at the time limit, "
       << summary.cut_before << " cut before it";
  if (summary.without_a_flag > 0) ends << " (" << summary.without_a_flag << " without a flag)";
  line("ends", ends.str());
  line("final observations",
       summary.final_observations == 0 ? "none recorded"
       : summary.final_observations == info.episodes
           ? "of every episode"
           : "of " + std::to_string(summary.final_observations) + " episodes");
  if (info.has_rewards) {
    PrintHistogram("episodes by return", summary.returns);
  } else {
    line("rewards", "none: only behaviour cloning can use it");
  }
  PrintHistogram("episodes by length", summary.lengths);
}

void Info(const std::string& path, bool as_json) {
  const std::unique_ptr<EpisodeReader> reader = OpenDataset(path);
  const DatasetSummary summary = Summarise(*reader, ProgressOfLongWork("read data", "steps"));
  if (as_json) {
    std::puts(ToJson(summary).dump(-1, ' ', false, json::error_handler_t::replace).c_str());
    return;
  }
  PrintText(summary);
  std::fflush(stdout);
  PrintNotes(summary.warnings);
}

}  // namespace

void AddDataInfoCommand(CLI::App& data) {
  CLI::App* command = data.add_subcommand("info", "Show what a data set holds");
  auto path = std::make_shared<std::string>();
  auto as_json = std::make_shared<bool>(false);
  command
      ->add_option("file", *path, "Data file or folder of any readable layout, or minari:NAME-v0")
      ->required();
  command->add_flag("--json", *as_json, "Print one JSON object");
  command->callback([path, as_json] { Info(*path, *as_json); });
}

}  // namespace longplay
