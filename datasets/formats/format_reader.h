// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "datasets/episode_reader.h"
#include "datasets/formats/problem_log.h"

namespace longplay {

/// The reader of one file format, before its file is known to be sound. OpenDataset and
/// ValidateDataset let it survey the file in a child process; only then is it used here.
class FormatReader : public EpisodeReader {
 public:
  /// Walks through every array, structure and values, notes problems in `log`, calls `alive` now
  /// and then, and completes info().
  virtual void Survey(ProblemLog& log, const std::function<void()>& alive) = 0;
  /// Takes over the info() that a survey in another process completed.
  virtual void Adopt(const DatasetInfo& info) = 0;
};

/// The file or folder of a path that may carry options.
std::string SourceFile(const std::string& path);

/// Recognises the format by content. Throws DataError when it is none of ours.
std::unique_ptr<FormatReader> MakeFormatReader(const std::string& path);

}  // namespace longplay
