// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "datasets/checks/lint.h"
#include "datasets/checks/problem_log.h"
#include "datasets/episode_reader.h"

namespace longplay {

/// The reader of one file format. It runs in a child process, because the libraries it calls may
/// crash on damaged files; OpenDataset hands on what it reads.
class FormatReader : public EpisodeReader {
 public:
  /// Looks at every array's structure, not at its values; notes problems in `log`, calls `alive`
  /// now and then, and completes info().
  virtual void Survey(ProblemLog& log, const std::function<void()>& alive) = 0;

  /// Reads an episode and checks its values: each array in an attempt of its own, so that a log that
  /// collects gets all that is wrong. After a noted error the episode is not to be used.
  virtual void Load(int64_t index, Episode& episode, ProblemLog& log) const = 0;

  /// Recorded states of an episode, N or N + 1 rows, where no next observations tell whether its steps
  /// follow one another; empty where none are recorded.
  virtual RecordedPhysics StatesToCheck(int64_t /*index*/) const { return {}; }

  using EpisodeReader::Read;
  void Read(int64_t index, Episode& episode) const final;
};

/// Looks at an episode that was loaded, and at its recorded states.
void LintEpisode(const FormatReader& reader, int64_t index, const Episode& episode, Lint& lint,
                 ProblemLog& log);

/// Survey, Load of every episode, and Lint of what is sound: all that ValidateDataset says.
void SurveyAll(FormatReader& reader, ProblemLog& log, const std::function<void()>& alive);

/// Recognises the format by content; the path may carry options (path_options.h). Throws DataError when it is none of ours.
std::unique_ptr<FormatReader> MakeFormatReader(const std::string& path);

}  // namespace longplay
