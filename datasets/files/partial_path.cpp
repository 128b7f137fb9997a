// SPDX-License-Identifier: MIT
#include "datasets/files/partial_path.h"

#include <filesystem>
#include <system_error>

namespace longplay {

namespace fs = std::filesystem;

// Of "out/" too it is beside the folder, not in it.
PartialPath::PartialPath(const std::string& path)
    : path_(fs::path(path).has_filename() ? path : fs::path(path).parent_path().string()),
      partial_(path_ + ".partial") {
  fs::remove_all(partial_);
}

PartialPath::~PartialPath() {
  std::error_code ignored;
  fs::remove_all(partial_, ignored);  // nothing is there when it was finished
}

void PartialPath::Finish() {
  const bool files = fs::is_regular_file(path_) && fs::is_regular_file(partial_);
  if (!files) fs::remove_all(path_);  // a file takes a file's place at once
  fs::rename(partial_, path_);
}

}  // namespace longplay
