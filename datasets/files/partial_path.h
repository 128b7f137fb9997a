// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace longplay {

/// A place beside `path` for a file or folder in the making. What is there goes with this object
/// unless it was finished, also when the constructor of its owner throws: own it before the file.
class PartialPath {
 public:
  /// Removes what an earlier one left.
  explicit PartialPath(const std::string& path);
  ~PartialPath();
  PartialPath(const PartialPath&) = delete;
  PartialPath& operator=(const PartialPath&) = delete;

  const std::string& path() const { return path_; }        // when finished
  const std::string& partial() const { return partial_; }  // until then
  /// Renames it into place, instead of what is there.
  void Finish();

 private:
  std::string path_, partial_;
};

}  // namespace longplay
