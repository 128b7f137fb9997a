// SPDX-License-Identifier: MIT
#include "runtime/data/chain_options.h"

#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string>

namespace longplay {
namespace {

template <typename Value>
void CheckField(bool valid, const char* field, const char* expected, Value got) {
  if (valid) return;
  std::ostringstream text;
  text << "sampling chains: " << field << ": expected " << expected << ", got " << got;
  throw std::invalid_argument(text.str());
}

/// A number that stands for one of `count` choices.
template <typename Choice>
Choice ToChoice(int value, int count, const char* field) {
  CheckField(value >= 0 && value < count, field,
             ("a number from 0 to " + std::to_string(count - 1)).c_str(), value);
  return static_cast<Choice>(value);
}

template <typename Options>
Options Known(const Options* given, Options defaults, const char* what) {
  if (given == nullptr) return defaults;
  if (given->size < sizeof(size_t) || given->size > sizeof(Options)) {
    throw std::invalid_argument(
        std::string(what) + ": options.size: expected at most " + std::to_string(sizeof(Options)) +
        ", of the header that came with this library, got " + std::to_string(given->size));
  }
  std::memcpy(&defaults, given, given->size);
  return defaults;
}

}  // namespace

longplay_dataset_options KnownOptions(const longplay_dataset_options* given) {
  longplay_dataset_options options =
      Known(given, longplay_dataset_defaults(), "opening a data set");
  if (options.place >= LONGPLAY_PLACE_AUTO && options.place <= LONGPLAY_PLACE_MAPPED) {
    return options;
  }
  throw std::invalid_argument(
      "opening a data set: place: expected one of LONGPLAY_PLACE_AUTO, _MEMORY, _MAPPED, got " +
      std::to_string(options.place));
}

longplay_chain_options KnownOptions(const longplay_chain_options* given) {
  return Known(given, longplay_chain_defaults(), "sampling chains");
}

ChainOptions ToChainOptions(const longplay_chain_options& from) {
  CheckField(from.chains >= 1, "chains", "at least 1", from.chains);
  CheckField(from.episodes >= 1, "episodes", "at least 1", from.episodes);
  CheckField(from.skip >= 1, "skip", "at least 1", from.skip);
  CheckField(from.window >= 0, "window", "0 (whole chains) or more", from.window);
  const auto share = [](double value) { return value > 0 && value <= 1; };
  CheckField(share(from.best_fraction), "best_fraction", "above 0, at most 1", from.best_fraction);
  CheckField(from.temperature > 0, "temperature", "above 0", from.temperature);
  CheckField(share(from.query_fraction), "query_fraction", "above 0, at most 1",
             from.query_fraction);
  CheckField(from.random_maps >= 0 && from.random_maps <= 1, "random_maps", "from 0 to 1",
             from.random_maps);
  ToChoice<int>(from.units, 2, "units");
  return {.episodes = from.episodes,
          .skip = from.skip,
          .window = from.window,
          .order = ToChoice<ChainOrder>(from.order, 3, "order"),
          .target = ToChoice<ChainTarget>(from.target, 2, "target"),
          .loss = ToChoice<ChainLoss>(from.loss, 2, "loss"),
          .source = ToChoice<ChainSource>(from.source, 2, "source"),
          .boundary = ToChoice<EpisodeBoundary>(from.boundary, 2, "boundary"),
          .best_fraction = from.best_fraction,
          .weight = ToChoice<EpisodeWeight>(from.weight, 3, "weight"),
          .temperature = from.temperature,
          .query_fraction = from.query_fraction,
          .random_maps = from.random_maps,
          .rows = ToChoice<ChainRows>(from.rows, 2, "rows")};
}

Normalizer UnitNormalizer(int64_t observation_size, int64_t action_size) {
  Normalizer normalizer;
  normalizer.observation_mean.assign(observation_size, 0);
  normalizer.observation_std.assign(observation_size, 1);
  normalizer.action_center.assign(action_size, 0);
  normalizer.action_scale.assign(action_size, 1);
  return normalizer;
}

}  // namespace longplay
