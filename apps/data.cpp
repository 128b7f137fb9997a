// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/commands.h"
#include "datasets/trajectory_set.h"

namespace longplay {
namespace {

nlohmann::json Spread(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return {{"min", std::ranges::min(values)},
          {"mean", sum / static_cast<double>(values.size())},
          {"max", std::ranges::max(values)}};
}

void Info(const std::string& path, bool json) {
  const TrajectorySet set = TrajectorySet::Load({path});
  std::vector<double> returns, lengths;
  for (int64_t e = 0; e < set.episodes(); ++e) {
    returns.push_back(set.episode_return(e));
    lengths.push_back(static_cast<double>(set.length(e)));
  }
  const nlohmann::json info = {{"format", set.info().format},
                               {"episodes", set.episodes()},
                               {"steps", set.steps()},
                               {"observation_size", set.info().observation_size},
                               {"action_size", set.info().action_size},
                               {"returns", Spread(returns)},
                               {"lengths", Spread(lengths)}};
  std::puts(json ? info.dump().c_str() : info.dump(2).c_str());
}

}  // namespace

void AddDataCommand(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "Look at data sets")->require_subcommand(1);
  CLI::App* info = data->add_subcommand("info", "What a file holds");
  auto path = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  info->add_option("file", *path, "Minari folder or HDF5 file")->required();
  info->add_flag("--json", *json, "Print one JSON object");
  info->callback([path, json] { Info(*path, *json); });
}

}  // namespace longplay
