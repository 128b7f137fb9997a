// SPDX-License-Identifier: MIT
#include "agent/filtering/fog_episodes.h"

#include <algorithm>
#include <memory>
#include <span>

#include "agent/acting/make_environment.h"
#include "agent/acting/rollout.h"
#include "datasets/chains/step_encoder.h"
#include "env/list/fog_of_id.h"

namespace longplay {
namespace {

/// Writes what one episode shows into rows of the policy's units, as SequencePolicy does.
class ReadingEncoder {
 public:
  explicit ReadingEncoder(const PolicyRecord& record)
      : offset_(record.normalizer.observation_offset),
        encoder_(record.normalizer, record.options.chain.boundary, offset_),
        nothing_(record.normalizer.action_size(), 0.0F) {
    encoder_.StartEpisode(0);
  }

  void Write(std::span<const double> reading, StepRows& rows, int64_t row) {
    shown_.assign(reading.begin(), reading.end());
    for (size_t k = 0; k < offset_.size(); ++k) {
      shown_[k] = static_cast<float>(reading[k] - offset_[k]);
    }
    encoder_.Write(shown_, rows, row);
    // Actions and rewards are in no token.
    encoder_.Record(nothing_, 0, false);
  }

 private:
  const std::vector<double>& offset_;
  StepEncoder encoder_;
  std::vector<float> nothing_, shown_;
};

}  // namespace

FogEpisodes DrawFogEpisodes(const FogDraw& draw, const PolicyRecord& record,
                            const std::vector<int64_t>& marks) {
  const int64_t B = draw.count, T = draw.steps;
  const auto M = static_cast<int64_t>(marks.size());
  const std::unique_ptr<Environment> environment =
      MakeEnvironment(draw.environment, {.batch = B, .max_episode_steps = T});
  const FogOptions options = *FogOfId(environment->spec().id);
  FogEpisodes episodes{.means = std::vector<double>(B * M * kFogSize)};
  episodes.rows.Resize(B * T, kFogSize, kFogSize);
  std::vector<FogFilter> filters(B, FogFilter(options));
  std::vector<ReadingEncoder> encoders(B, ReadingEncoder(record));
  for (int64_t i = 0; i < B; ++i) {
    environment->Reset(i, EpisodeSeed(draw.seed + static_cast<uint64_t>(draw.first + i), 0));
  }
  // All episodes a step at a time; whoever acts would change nothing.
  const std::vector<double> actions(B * kFogSize, 0.0);
  const std::vector<uint8_t> active(B, 1);
  int64_t mark = 0;
  for (int64_t t = 0; t < T; ++t) {
    const bool marked = mark < M && marks[mark] == t + 1;
    for (int64_t i = 0; i < B; ++i) {
      encoders[i].Write(environment->observation(i), episodes.rows, i * T + t);
      filters[i].See(environment->observation(i));
      if (!marked) continue;
      std::ranges::copy(filters[i].mean(), episodes.means.begin() + (i * M + mark) * kFogSize);
    }
    if (marked) ++mark;
    environment->Step(actions, active);
  }
  return episodes;
}

}  // namespace longplay
