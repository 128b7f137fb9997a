// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "agent/collect_work/collect_options.h"

namespace longplay {

/// A folder beside a data set in the making, `out`.unfinished: the options, and in files of their
/// owners what was recorded and learned so far. It stays when the process ends before its work,
/// however it does. Whoever makes one has the claim of `out`.
class CollectWork {
 public:
  /// Begins, or goes on as options.start says. Throws std::invalid_argument when there are recorded
  /// episodes that are not to be lost, or work of other options than these, each named with both
  /// values; nothing changes then.
  CollectWork(const CollectOptions& options, const std::string& algorithm);

  static std::string FolderOf(const std::string& out);

  const std::string& folder() const { return folder_; }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  /// What the data set amounts to, kept just before it gets its name; what was kept by an earlier
  /// call that was killed right after that, so that nothing is left to do; else null.
  void KeepResult(const nlohmann::json& result) const;
  static nlohmann::json ResultOfWritten(const std::string& out);

  /// The data set is whole: the folder goes.
  void Remove() const;

 private:
  std::string folder_;
};

}  // namespace longplay
