// SPDX-License-Identifier: MIT
#include "datasets/chains/loading_benchmark.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <numeric>

#include "datasets/chains/chain_batches.h"
#include "datasets/episode_reader.h"

namespace longplay {
namespace {

using Clock = std::chrono::steady_clock;

/// [s] of one call of `work`, the mean over as many as `seconds` hold.
double Time(double seconds, const std::function<void()>& work) {
  const auto start = Clock::now();
  double taken = 0;
  int64_t calls = 0;
  do {
    work();
    ++calls;
    taken = std::chrono::duration<double>(Clock::now() - start).count();
  } while (taken < seconds);
  return taken / static_cast<double>(calls);
}

/// Memory of the process that is no file's, "RssAnon: 1234 kB".
int64_t AnonymousBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stoll(line.substr(8)) * 1024;
  }
  return 0;
}

template <typename Values>
double Sum(const Values& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace

LoadingBenchmark BenchmarkLoading(const std::string& path, const LoadingBenchmarkOptions& options) {
  LoadingBenchmark result;
  volatile double touched = 0;  // so that no reading is left out
  // 1: opening, with the check of structure and values.
  std::unique_ptr<EpisodeReader> reader;
  result.open_seconds = Time(0, [&] { reader = OpenDataset(path); });
  result.episodes = reader->info().episodes;
  result.steps = reader->info().steps;
  const auto steps = static_cast<double>(result.steps);

  // 2: every episode through the reader.
  Episode episode;
  const double reading = Time(options.seconds, [&] {
    for (int64_t e = 0; e < result.episodes; ++e) {
      reader->Read(e, episode);
      touched = touched + Sum(episode.observations) + Sum(episode.actions) + Sum(episode.rewards);
    }
  });
  result.read_steps_per_second = steps / reading;

  // 3: the same through a pack; memory is looked at while it is made, too.
  const auto look = [&result] {
    result.anonymous_bytes = std::max(result.anonymous_bytes, AnonymousBytes());
  };
  look();
  const PackOptions pack = {.on_progress = [&](int64_t, int64_t) { look(); }};
  const EpisodeSet set = EpisodeSet::Load({path}, {.place = StepPlace::kMapped, .pack = pack});
  const double looking = Time(options.seconds, [&] {
    for (int64_t e = 0; e < set.episodes(); ++e) {
      touched = touched + Sum(set.observations(e)) + Sum(set.actions(e)) + Sum(set.rewards(e));
    }
  });
  result.mapped_steps_per_second = steps / looking;

  // 4: chains drawn and laid out as training does it.
  const ChainOptions chain{.episodes = options.episodes};
  const Normalizer normalizer = set.ComputeNormalizer();
  const ChainBatches source(set, normalizer, chain, 1);
  std::mt19937_64 random(0);
  Batch batch;
  const double drawing = Time(options.seconds, [&] {
    source.Load(source.Draw(random), batch);
    touched = touched + batch.rows.observations.back();
  });
  result.chain_milliseconds = 1e3 * drawing;
  look();
  return result;
}

}  // namespace longplay
