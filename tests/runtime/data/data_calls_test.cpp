// SPDX-License-Identifier: MIT
// The C interface of data sets beside the classes behind it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "datasets/chains/chain_batches.h"
#include "datasets/store/episode_set.h"
#include "runtime/data/longplay_data.h"

namespace longplay {
namespace {

using testing::ElementsAreArray;
using testing::HasSubstr;

const std::string kBox = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/minari_box";

template <typename Handle, void (*kClose)(Handle*)>
struct Closes {
  void operator()(Handle* handle) const { kClose(handle); }
};
using Data = std::unique_ptr<longplay_dataset, Closes<longplay_dataset, longplay_dataset_close>>;
using Sampler = std::unique_ptr<longplay_sampler, Closes<longplay_sampler, longplay_sampler_close>>;
using Drawn = std::unique_ptr<longplay_batch, Closes<longplay_batch, longplay_batch_close>>;

Data Open(const std::string& path) {
  const char* name = path.c_str();
  longplay_dataset* data = nullptr;
  EXPECT_EQ(longplay_dataset_open(&name, 1, nullptr, &data), LONGPLAY_DATA_OK)
      << longplay_data_error();
  return Data(data);
}

Sampler OpenSampler(const Data& data, const longplay_chain_options& options, uint64_t seed) {
  longplay_sampler* sampler = nullptr;
  EXPECT_EQ(longplay_sampler_open(data.get(), &options, seed, &sampler), LONGPLAY_DATA_OK)
      << longplay_data_error();
  return Sampler(sampler);
}

Drawn MakeDrawn() {
  longplay_batch* batch = nullptr;
  EXPECT_EQ(longplay_batch_make(&batch), LONGPLAY_DATA_OK);
  return Drawn(batch);
}

longplay_batch_arrays_of Load(const Sampler& sampler, int64_t step, const Drawn& drawn) {
  EXPECT_EQ(longplay_sampler_load(sampler.get(), step, drawn.get()), LONGPLAY_DATA_OK);
  longplay_batch_arrays_of arrays = {};
  EXPECT_EQ(longplay_batch_arrays(drawn.get(), &arrays), LONGPLAY_DATA_OK);
  return arrays;
}

template <typename Value>
std::vector<Value> Copy(const Value* values, size_t count) {
  return {values, values + count};
}

TEST(DataCallsTest, EpisodesAreLentNotCopied) {
  const EpisodeSet set = EpisodeSet::Load({kBox});
  const Data data = Open(kBox);
  longplay_episode episode = {}, again = {};
  for (int64_t e = 0; e < set.episodes(); ++e) {
    ASSERT_EQ(longplay_dataset_episode(data.get(), e, &episode), LONGPLAY_DATA_OK);
    ASSERT_EQ(longplay_dataset_episode(data.get(), e, &again), LONGPLAY_DATA_OK);
    EXPECT_EQ(episode.observations, again.observations);  // the same memory
    EXPECT_EQ(episode.length, set.length(e));
    EXPECT_THAT(set.observations(e),
                ElementsAreArray(Copy(episode.observations, set.observations(e).size())));
    EXPECT_THAT(set.actions(e), ElementsAreArray(Copy(episode.actions, set.actions(e).size())));
    EXPECT_THAT(set.rewards(e), ElementsAreArray(Copy(episode.rewards, episode.length)));
    EXPECT_EQ(episode.episode_return, set.episode_return(e));
    EXPECT_EQ(episode.terminated != 0, set.terminated(e));
  }
}

TEST(DataCallsTest, TheInfoIsJsonOfEverythingThatIsKnown) {
  const Data data = Open(kBox);
  const auto info = nlohmann::json::parse(longplay_dataset_info(data.get()));
  EXPECT_EQ(info.at("format"), "minari");
  EXPECT_EQ(info.at("episodes"), 12);
  EXPECT_EQ(info.at("steps"), 240);
  EXPECT_EQ(info.at("observation_size"), 3);
  EXPECT_EQ(info.at("mapped"), false);
  EXPECT_EQ(info.at("hash"), EpisodeSet::Load({kBox}).hash());
}

// As agent/batches/batch_loader.h draws: one generator of the seed, step after step.
TEST(DataCallsTest, ChainsAreThoseThatTrainingDrawsAtThatStep) {
  const EpisodeSet set = EpisodeSet::Load({kBox});
  const Normalizer normalizer = set.ComputeNormalizer();
  const ChainBatches source(set, normalizer, {.episodes = 3, .window = 25}, 4, {});
  std::mt19937_64 random(17);
  longplay_chain_options options = longplay_chain_defaults();
  options.chains = 4;
  options.episodes = 3;
  options.window = 25;
  const Data data = Open(kBox);
  const Sampler in_order = OpenSampler(data, options, 17);
  const Drawn drawn = MakeDrawn();
  for (int64_t step = 0; step < 4; ++step) {
    Batch wanted;
    source.Load(source.Draw(random), wanted);
    // In order, and out of it.
    const Sampler fresh = OpenSampler(data, options, 17);
    for (const Sampler* sampler : {&in_order, &fresh}) {
      const auto arrays = Load(*sampler, step, drawn);
      ASSERT_EQ(arrays.chains, wanted.chains);
      ASSERT_EQ(arrays.steps, wanted.steps);
      EXPECT_EQ(Copy(arrays.observations, wanted.rows.observations.size()),
                wanted.rows.observations);
      EXPECT_EQ(Copy(arrays.returns, wanted.rows.returns.size()), wanted.rows.returns);
      EXPECT_EQ(Copy(arrays.previous_actions, wanted.rows.previous_actions.size()),
                wanted.rows.previous_actions);
      EXPECT_EQ(Copy(arrays.actions, wanted.target_actions.size()), wanted.target_actions);
      EXPECT_EQ(Copy(arrays.valid, wanted.valid.size()), wanted.valid);
      EXPECT_EQ(Copy(arrays.episodes, wanted.rows.episodes.size()), wanted.rows.episodes);
      EXPECT_EQ(arrays.segments, nullptr);
      EXPECT_EQ(arrays.next_observations, nullptr);
    }
  }
}

TEST(DataCallsTest, AnEarlierStepIsDrawnAgain) {
  longplay_chain_options options = longplay_chain_defaults();
  options.chains = 2;
  const Data data = Open(kBox);
  const Sampler sampler = OpenSampler(data, options, 1);
  const Drawn drawn = MakeDrawn();
  std::vector<std::vector<int64_t>> numbers;
  for (const int64_t step : {0, 1, 2, 1, 0}) {
    Load(sampler, step, drawn);
    longplay_chain_of made_of = {};
    ASSERT_EQ(longplay_batch_chain(drawn.get(), 1, &made_of), LONGPLAY_DATA_OK);
    numbers.push_back(Copy(made_of.numbers, made_of.episodes));
  }
  EXPECT_EQ(numbers[3], numbers[1]);
  EXPECT_EQ(numbers[4], numbers[0]);
  EXPECT_NE(numbers[0], numbers[1]);
}

TEST(DataCallsTest, TheCallersMemoryIsFilledAndTheRestZeroed) {
  longplay_chain_options options = longplay_chain_defaults();
  options.chains = 2;
  options.episodes = 2;
  options.outcomes = 1;
  const Data data = Open(kBox);
  const Sampler sampler = OpenSampler(data, options, 1);
  const Drawn drawn = MakeDrawn();
  const auto lent = Load(sampler, 0, drawn);
  // One row and two steps more than there are.
  const int64_t rows = lent.chains + 1, steps = lent.steps + 2;
  std::vector<float> observations(rows * steps * 3, 7), rewards(rows * steps, 7);
  longplay_batch_arrays_of room = {.chains = rows, .steps = steps};
  room.observations = observations.data();
  room.rewards = rewards.data();
  ASSERT_EQ(longplay_batch_copy(drawn.get(), &room), LONGPLAY_DATA_OK);
  for (int64_t b = 0; b < rows; ++b) {
    for (int64_t t = 0; t < steps; ++t) {
      const bool there = b < lent.chains && t < lent.steps;
      EXPECT_EQ(rewards[b * steps + t], there ? lent.rewards[b * lent.steps + t] : 0);
      EXPECT_EQ(observations[(b * steps + t) * 3 + 1],
                there ? lent.observations[(b * lent.steps + t) * 3 + 1] : 0);
    }
  }
  room.steps = lent.steps - 1;
  EXPECT_EQ(longplay_batch_copy(drawn.get(), &room), LONGPLAY_DATA_USAGE);
  EXPECT_THAT(longplay_data_error(), HasSubstr("expected room for 2 chains of"));
}

TEST(DataCallsTest, ASamplerOutlivesItsDataSet) {
  Data data = Open(kBox);
  const Sampler sampler = OpenSampler(data, longplay_chain_defaults(), 1);
  data.reset();
  const Drawn drawn = MakeDrawn();
  EXPECT_EQ(Load(sampler, 0, drawn).steps, 80);  // four episodes of 20
}

TEST(DataCallsTest, ProblemsAreJsonOfTheCallers) {
  char* text = nullptr;
  const std::string path = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/bad_short.hdf5";
  ASSERT_EQ(longplay_data_validate(path.c_str(), &text), LONGPLAY_DATA_OK);
  const auto problems = nlohmann::json::parse(text);
  longplay_data_free(text);
  EXPECT_EQ(problems.at("valid"), false);
  EXPECT_TRUE(std::ranges::any_of(problems.at("problems"), [](const nlohmann::json& problem) {
    return problem.at("severity") == "error" &&
           problem.at("where").get<std::string>().find("bad_short.hdf5") != std::string::npos;
  }));
}

TEST(DataCallsTest, WhatIsWrongIsACodeAndOneLine) {
  longplay_dataset* data = nullptr;
  const char* path = "none.hdf5";
  EXPECT_EQ(longplay_dataset_open(&path, 1, nullptr, &data), LONGPLAY_DATA_FAILED);
  EXPECT_THAT(longplay_data_error(), HasSubstr("none.hdf5"));
  EXPECT_EQ(data, nullptr);
  EXPECT_EQ(longplay_dataset_open(nullptr, 1, nullptr, &data), LONGPLAY_DATA_USAGE);
  EXPECT_THAT(longplay_data_error(), HasSubstr("expected paths, got NULL"));
  longplay_dataset_options options = longplay_dataset_defaults();
  options.size = 1000;
  EXPECT_EQ(longplay_dataset_open(&path, 1, &options, &data), LONGPLAY_DATA_USAGE);
  EXPECT_THAT(longplay_data_error(), HasSubstr("of the header that came with this library"));

  const Data box = Open(kBox);
  longplay_episode episode = {};
  EXPECT_EQ(longplay_dataset_episode(box.get(), 12, &episode), LONGPLAY_DATA_USAGE);
  EXPECT_THAT(longplay_data_error(), HasSubstr("expected a number from 0 to 11, got 12"));
  EXPECT_EQ(longplay_dataset_episode(nullptr, 0, &episode), LONGPLAY_DATA_USAGE);
  longplay_chain_options chains = longplay_chain_defaults();
  longplay_sampler* sampler = nullptr;
  chains.order = 3;
  EXPECT_EQ(longplay_sampler_open(box.get(), &chains, 0, &sampler), LONGPLAY_DATA_USAGE);
  EXPECT_THAT(longplay_data_error(), HasSubstr("order: expected a number from 0 to 2, got 3"));
  EXPECT_EQ(sampler, nullptr);
  // Nothing to close.
  longplay_dataset_close(nullptr);
  longplay_batch_close(nullptr);
  longplay_sampler_close(nullptr);
}

TEST(DataCallsTest, AShorterStructOfAnOlderCallerKeepsTheDefaultsBehindIt) {
  const Data data = Open(kBox);
  longplay_chain_options older = longplay_chain_defaults();
  older.size = offsetof(longplay_chain_options, skip);
  older.chains = 3;
  older.skip = -5;  // not there for such a caller
  const Sampler sampler = OpenSampler(data, older, 0);
  EXPECT_EQ(Load(sampler, 0, MakeDrawn()).chains, 3);
}

TEST(DataCallsTest, ErrorsAreTheThreadsOwn) {
  const char* path = "none.hdf5";
  longplay_dataset* data = nullptr;
  longplay_dataset_open(&path, 1, nullptr, &data);
  std::thread([] { EXPECT_STREQ(longplay_data_error(), ""); }).join();
  EXPECT_THAT(longplay_data_error(), HasSubstr("none.hdf5"));
}

TEST(DataCallsTest, TheCallerSeesProgressAndMayStop) {
  struct Told {
    int64_t calls = 0, last = 0, stop_at = -1;
  };
  longplay_dataset_options options = longplay_dataset_defaults();
  options.progress = [](void* context, int64_t steps, int64_t /*of*/) {
    auto* told = static_cast<Told*>(context);
    told->last = steps;
    return ++told->calls == told->stop_at ? 1 : 0;
  };
  Told told;
  options.context = &told;
  const char* path = kBox.c_str();
  longplay_dataset* opened = nullptr;
  ASSERT_EQ(longplay_dataset_open(&path, 1, &options, &opened), LONGPLAY_DATA_OK);
  const Data data(opened);
  EXPECT_EQ(told.calls, 12);
  EXPECT_EQ(told.last, 240);
  told = {.stop_at = 3};
  EXPECT_EQ(longplay_dataset_open(&path, 1, &options, &opened), LONGPLAY_DATA_FAILED);
  EXPECT_THAT(longplay_data_error(), HasSubstr("stopped by the caller"));
  EXPECT_EQ(told.calls, 3);
}

/// Observations that a sampler of its own draws in some steps, and an episode's, [..].
std::vector<float> ReadOnOwnThread(const Data& data) {
  longplay_chain_options options = longplay_chain_defaults();
  options.chains = 3;
  options.episodes = 2;
  options.outcomes = 1;
  const Sampler sampler = OpenSampler(data, options, 5);
  const Drawn drawn = MakeDrawn();
  std::vector<float> seen;
  for (int64_t step = 0; step < 6; ++step) {
    const auto arrays = Load(sampler, step, drawn);
    seen.insert(seen.end(), arrays.observations, arrays.observations + arrays.steps * 3 * 3);
    longplay_episode episode = {};
    EXPECT_EQ(longplay_dataset_episode(data.get(), step, &episode), LONGPLAY_DATA_OK);
    seen.insert(seen.end(), episode.actions, episode.actions + episode.length);
    EXPECT_EQ(longplay_dataset_episode(data.get(), 99, &episode), LONGPLAY_DATA_USAGE);
    EXPECT_THAT(longplay_data_error(), HasSubstr("99"));
  }
  EXPECT_NE(std::string(longplay_dataset_info(data.get())).find("minari"), std::string::npos);
  return seen;
}

TEST(DataCallsTest, OneDataSetIsReadByManyThreads) {
  const Data data = Open(kBox);
  std::vector<std::vector<float>> seen(4);
  std::vector<std::thread> threads;
  for (auto& own : seen) threads.emplace_back([&] { own = ReadOnOwnThread(data); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(seen[0].empty());
  EXPECT_THAT(seen, testing::Each(seen[0]));
  EXPECT_EQ(ReadOnOwnThread(data), seen[0]);
}

TEST(DataCallsTest, DataSetsAreOpenedByManyThreadsAtOnce) {
  std::vector<std::vector<float>> seen(4);
  std::vector<std::thread> threads;
  for (auto& own : seen) threads.emplace_back([&] { own = ReadOnOwnThread(Open(kBox)); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(seen[0].empty());
  EXPECT_THAT(seen, testing::Each(seen[0]));
}

}  // namespace
}  // namespace longplay
