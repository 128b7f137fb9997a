// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace longplay {

struct LoadingBenchmarkOptions {
  int64_t episodes = 32;  // E of a chain
  double seconds = 1;     // of each measurement, at least
};

/// How fast a data set is read, every number touched.
struct LoadingBenchmark {
  int64_t episodes = 0, steps = 0;
  double open_seconds = 0;             // recognise, check structure and values
  double read_steps_per_second = 0;    // episode after episode from the opened file
  double mapped_steps_per_second = 0;  // episode after episode from its pack
  double chain_milliseconds = 0;       // a random chain of E episodes from the pack, normalised
                                       // float32, into a batch that is used again
  int64_t anonymous_bytes = 0;  // largest seen: memory of the process that no file stands behind
};

/// Packs the data set if it has no pack yet.
LoadingBenchmark BenchmarkLoading(const std::string& path, const LoadingBenchmarkOptions& options);

}  // namespace longplay
