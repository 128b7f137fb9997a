// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace longplay::structure {

/// A header or source, by its path from the root: "agent/runs/checkpoint.h".
struct SourceFile {
  std::vector<std::string> includes;  // as written, without the brackets or quotes
  std::string part_of;                // of "// The part of agent/x/y.h that ...": that header
};

/// Who includes whom in some folders of a tree. Conditions (#if) are not looked at: every include
/// counts.
class IncludeGraph {
 public:
  IncludeGraph(const std::filesystem::path& root, const std::vector<std::string>& folders);

  const std::map<std::string, SourceFile>& files() const { return files_; }
  bool Holds(const std::string& path) const { return files_.contains(path); }

  /// Headers from outside that the compiler meets in `path`, each with the file of ours that
  /// includes it; by whatever way.
  std::map<std::string, std::string> Externals(const std::string& path) const;

  /// What a file belongs to: its path without the ending, which a header shares with its source; a
  /// source that begins with "// The part of X.h that" belongs to X.
  std::string Unit(const std::string& path) const;

  /// Units that include each other, directly or not: sorted names in each, sorted circles.
  std::vector<std::vector<std::string>> Circles() const;

 private:
  std::map<std::string, SourceFile> files_;
};

/// The folder part of a path, "" when there is none.
std::string FolderOf(const std::string& path);

/// Whether `path` is `place` or lies inside it.
bool IsInside(const std::string& path, const std::string& place);

}  // namespace longplay::structure
