// SPDX-License-Identifier: MIT
#include "agent/run_report/reported_group.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "agent/config/config_difference.h"

namespace longplay {
namespace {

/// What runs of one policy share, whatever their seed.
RunOptions WithoutSeed(RunOptions options) {
  options.train.seed = 0;
  return options;
}

std::vector<ConfigDifference> Differences(const ReportedRun& a, const ReportedRun& b) {
  auto differences = DifferencesBetween(WithoutSeed(a.options), WithoutSeed(b.options));
  // Where a run was computed and what it wrote changes no policy.
  std::erase_if(differences, [](const ConfigDifference& difference) {
    return difference.role == KeyRole::kOutput;
  });
  return differences;
}

bool AreOfOnePolicy(const ReportedRun& a, const ReportedRun& b) {
  return a.data_hash == b.data_hash && a.play.has_value() == b.play.has_value() &&
         Differences(a, b).empty();
}

/// "hopper", "hopper and 3 other seeds".
std::string NameOf(const ReportedGroup& group) {
  const std::string& name = group.first().name;
  const auto others =
      std::ranges::count_if(group.runs, [&](const ReportedRun* run) { return run->name != name; });
  if (others == 0) return name;
  return name + " and " + std::to_string(others) + " other seed" + (others == 1 ? "" : "s");
}

/// Groups of one name are told apart by their folders.
void MakeNamesUnique(std::vector<ReportedGroup>& groups) {
  for (ReportedGroup& group : groups) group.name = NameOf(group);
  std::vector<bool> double_name;
  double_name.reserve(groups.size());
  for (const ReportedGroup& group : groups) {
    double_name.push_back(std::ranges::count(groups, group.name, &ReportedGroup::name) > 1);
  }
  for (size_t i = 0; i < groups.size(); ++i) {
    if (double_name[i]) groups[i].name += " (" + groups[i].first().folder + ")";
  }
}

std::string DataText(const ReportedRun& run) {
  std::string files;
  for (const std::string& file : run.options.data.files) {
    files += (files.empty() ? "" : ", ") + file;
  }
  return files + (run.data_hash.empty() ? "" : " (hash " + run.data_hash + ")");
}

/// The values of the scored episode, [runs], of those runs in this order.
std::vector<double> MeansOfRuns(const std::vector<const ReportedRun*>& runs, size_t episode) {
  std::vector<double> means;
  means.reserve(runs.size());
  for (const ReportedRun* run : runs) means.push_back(MeanOfEpisode(*run->play, episode));
  return means;
}

using PairedReports = std::vector<std::pair<const ReportedRun*, const ReportedRun*>>;

PairedReports PairsOf(const std::vector<const ReportedRun*>& xs,
                      const std::vector<const ReportedRun*>& ys) {
  PairedReports pairs;
  std::set<const ReportedRun*> taken;
  for (const ReportedRun* x : xs) {
    const auto y = std::ranges::find_if(ys, [&](const ReportedRun* other) {
      return other->options.train.seed == x->options.train.seed && !taken.contains(other);
    });
    if (y == ys.end()) continue;
    pairs.emplace_back(x, *y);
    taken.insert(*y);
  }
  const size_t most = std::min(xs.size(), ys.size());
  if (pairs.size() >= std::min<size_t>(2, most)) return pairs;
  // Seeds that have nothing in common are pairs in any order.
  pairs.clear();
  for (size_t i = 0; i < most; ++i) pairs.emplace_back(xs[i], ys[i]);
  return pairs;
}

}  // namespace

std::vector<const ReportedRun*> ReportedGroup::played() const {
  std::vector<const ReportedRun*> some;
  for (const ReportedRun* run : runs) {
    if (run->play && !std::isnan(MeanOfEpisode(*run->play, run->play->scored_episode))) {
      some.push_back(run);
    }
  }
  return some;
}

std::vector<ReportedGroup> GroupsOfRuns(const std::vector<ReportedRun>& runs) {
  std::vector<ReportedGroup> groups;
  for (const ReportedRun& run : runs) {
    // Two runs of one seed are two attempts, not two seeds.
    auto group = std::ranges::find_if(groups, [&](const ReportedGroup& some) {
      return AreOfOnePolicy(some.first(), run) &&
             std::ranges::none_of(some.runs, [&](const ReportedRun* other) {
               return other->options.train.seed == run.options.train.seed;
             });
    });
    if (group == groups.end()) group = groups.insert(group, ReportedGroup{.name = {}});
    group->runs.push_back(&run);
  }
  MakeNamesUnique(groups);
  return groups;
}

std::vector<DifferingSetting> DifferingSettings(const std::vector<ReportedGroup>& groups) {
  std::vector<DifferingSetting> settings;
  const ReportedRun& first = groups.front().first();
  for (size_t i = 1; i < groups.size(); ++i) {
    for (const ConfigDifference& difference : Differences(first, groups[i].first())) {
      auto setting = std::ranges::find(settings, difference.key, &DifferingSetting::key);
      if (setting == settings.end()) {
        // Whoever does not differ from the first has its value.
        setting = settings.insert(setting,
                                  {difference.key, std::vector(groups.size(), difference.before)});
      }
      setting->values[i] = difference.now;
    }
  }
  const bool one_hash = std::ranges::all_of(groups, [&](const ReportedGroup& group) {
    return group.first().data_hash == first.data_hash;
  });
  if (one_hash) return settings;
  DifferingSetting& data = settings.emplace_back(DifferingSetting{.key = "data"});
  for (const ReportedGroup& group : groups) data.values.push_back(DataText(group.first()));
  return settings;
}

bool ArePlayed(const std::vector<ReportedGroup>& groups) {
  return std::ranges::all_of(groups, [](const ReportedGroup& group) {
    return group.played().empty() || group.played().front()->play->plays();
  });
}

std::string WhyNotComparable(const std::vector<ReportedGroup>& groups) {
  // What must be equal for two returns to be of the same task.
  static const std::set<std::string> kTask = {"evaluate.environment", "evaluate.episodes",
                                              "evaluate.action_repeat",
                                              "evaluate.max_episode_steps"};
  std::vector<ReportedGroup> played;
  for (const ReportedGroup& group : groups) {
    if (!group.played().empty()) played.push_back(group);
  }
  if (played.size() < 2) return "";
  const bool plays = played.front().played().front()->play->plays();
  for (const ReportedGroup& group : played) {
    if (group.played().front()->play->plays() == plays) continue;
    return "returns of some, errors of predicted actions of others";
  }
  std::string why;
  for (const DifferingSetting& setting : DifferingSettings(played)) {
    if (!kTask.contains(setting.key)) continue;
    std::set<std::string> values(setting.values.begin(), setting.values.end());
    std::string listed;
    for (std::string value : values) {
      std::erase(value, '"');  // of YAML
      listed += (listed.empty() ? "" : ", ") + value;
    }
    why += (why.empty() ? "" : "; ") + setting.key + ": " + listed;
  }
  return why;
}

std::optional<Estimate> EstimateOfEpisode(const ReportedGroup& group, size_t episode) {
  const std::vector<const ReportedRun*> runs = group.played();
  if (runs.empty()) return std::nullopt;
  std::vector<double> values =
      runs.size() == 1 ? ValuesOfEpisode(*runs.front()->play, episode) : MeansOfRuns(runs, episode);
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) return std::nullopt;
  return BootstrapMean(values);
}

std::optional<RowComparison> CompareGroups(const ReportedGroup& x, const ReportedGroup& y) {
  const PairedReports pairs = PairsOf(x.played(), y.played());
  if (pairs.empty()) return std::nullopt;
  const MeasuredPlay &one = *pairs.front().first->play, &other = *pairs.front().second->play;
  const size_t at_x = one.episodes_apart ? other.scored_episode : one.scored_episode;
  const size_t at_y = other.episodes_apart ? one.scored_episode : other.scored_episode;
  std::vector<double> of_x, of_y;
  if (pairs.size() == 1) {
    of_x = ValuesOfEpisode(one, at_x);
    of_y = ValuesOfEpisode(other, at_y);
  } else {
    for (const auto& [a, b] : pairs) {
      of_x.push_back(MeanOfEpisode(*a->play, at_x));
      of_y.push_back(MeanOfEpisode(*b->play, at_y));
    }
  }
  // Contexts of different numbers are no pairs.
  const auto has_nan = [](const std::vector<double>& values) {
    return std::ranges::any_of(values, [](double value) { return std::isnan(value); });
  };
  if (of_x.empty() || of_x.size() != of_y.size() || has_nan(of_x) || has_nan(of_y)) {
    return std::nullopt;
  }
  return RowComparison{.runs = static_cast<int64_t>(pairs.size()),
                       .x = Mean(of_x),
                       .y = Mean(of_y),
                       .difference = BootstrapDifference({of_x}, {of_y}, Aggregate::kMean)};
}

}  // namespace longplay
