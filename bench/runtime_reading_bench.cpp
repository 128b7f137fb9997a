// SPDX-License-Identifier: MIT
// One line of JSON: recordings of many lengths read in by runtime/, together as its plan groups them,
// one after another, and padded to the longest; and the memory of a call, planned and not.
//   bench_runtime_reading FOLDER chains=64 shortest=10 longest=8000 key_values=1 padded=1
// FOLDER is an exported policy with merged tokens (bench_runtime folder=.. tokens=1 writes one).
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "runtime/acting/c_handle.h"
#include "runtime/longplay.h"

namespace longplay {
namespace {

using ReadingClock = std::chrono::steady_clock;

struct ReadingCase {
  std::vector<int64_t> lengths;                        // [B] steps of each chain
  std::vector<double> observations, actions, rewards;  // of the longest: all chains read the same
  std::vector<uint8_t> starts;
};

ReadingCase MakeCase(const longplay_policy_description& about, int64_t shortest, int64_t longest) {
  ReadingCase made;
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> share(0, 1);
  // Lengths whose logarithms are uniform; the longest is among them.
  for (int64_t i = 0; i < about.chains; ++i) {
    const double ratio = static_cast<double>(longest) / static_cast<double>(shortest);
    made.lengths.push_back(i == 0 ? longest
                                  : static_cast<int64_t>(static_cast<double>(shortest) *
                                                         std::pow(ratio, share(random))));
  }
  std::normal_distribution<double> normal;
  for (int64_t t = 0; t < longest; ++t) {
    for (int64_t o = 0; o < about.observation_size; ++o) {
      made.observations.push_back(normal(random));
    }
    for (int64_t c = 0; c < about.action_columns; ++c) made.actions.push_back(0.1);
    made.rewards.push_back(normal(random));
    made.starts.push_back(t % 250 == 0);
  }
  return made;
}

enum class Way { kTogether, kOneByOne, kPadded };

/// [s] to read all recordings in, chains begun anew.
double Read(longplay_policy* policy, const ReadingCase& what, Way way) {
  const auto chains = static_cast<int64_t>(what.lengths.size());
  for (int64_t i = 0; i < chains; ++i) longplay_policy_start_chain(policy, i, 1);
  const int64_t longest = *std::ranges::max_element(what.lengths);
  const auto begin = ReadingClock::now();
  for (int64_t i = 0; i < chains; ++i) {
    const longplay_recording recording = {
        i,
        way == Way::kPadded ? longest : what.lengths[static_cast<size_t>(i)],
        what.observations.data(),
        what.actions.data(),
        what.rewards.data(),
        what.starts.data(),
        0};
    longplay_policy_submit(policy, &recording, nullptr);
    if (way == Way::kOneByOne) longplay_policy_poll(policy, -1, nullptr, nullptr);
  }
  longplay_policy_poll(policy, -1, nullptr, nullptr);
  return std::chrono::duration<double>(ReadingClock::now() - begin).count();
}

int Bench(const std::string& folder, std::map<std::string, int64_t> given) {
  const auto number = [&](const char* name, int64_t otherwise) {
    return given.contains(name) ? given[name] : otherwise;
  };
  const int64_t longest = number("longest", 8000);
  longplay_policy_options options;
  longplay_policy_defaults(&options, sizeof options);
  options.chains = static_cast<int32_t>(number("chains", 64));
  options.context_steps = longest + 1;
  options.key_value_type = static_cast<int32_t>(number("key_values", LONGPLAY_FLOAT16));
  longplay_policy* policy = nullptr;
  char message[LONGPLAY_MESSAGE_SIZE] = "";
  if (longplay_policy_open(folder.c_str(), &options, &policy, message, sizeof message) !=
      LONGPLAY_OK) {
    std::fprintf(stderr, "error: %s\n", message);
    return 1;
  }
  const std::unique_ptr<longplay_policy, void (*)(longplay_policy*)> owner(policy,
                                                                           longplay_policy_close);
  longplay_policy_description about;
  about.size = sizeof about;
  longplay_policy_describe(policy, &about);
  const ReadingCase what = MakeCase(about, number("shortest", 10), longest);
  double tokens = 0;
  for (const int64_t length : what.lengths) {
    tokens += static_cast<double>(length * about.tokens_per_step);
  }
  // In turns, each first every other time, the fastest of each: the machine is shared.
  double together = 1e9, one_by_one = 1e9, padded = 1e9;
  for (int64_t repeat = 0; repeat < number("repeats", 3); ++repeat) {
    const bool swapped = repeat % 2 != 0;
    const double first = Read(policy, what, swapped ? Way::kOneByOne : Way::kTogether);
    const double second = Read(policy, what, swapped ? Way::kTogether : Way::kOneByOne);
    together = std::min(together, swapped ? second : first);
    one_by_one = std::min(one_by_one, swapped ? first : second);
  }
  if (number("padded", 1) != 0) padded = Read(policy, what, Way::kPadded);
  const runtime::ActingLayers& layers = policy->policy().engine()->layers();
  std::printf(
      "{\"chains\": %d, \"tokens\": %.0f, \"tokens_per_second\": {\"together\": %.0f, "
      "\"one_by_one\": %.0f, \"padded\": %.0f}, \"call_bytes\": {\"planned\": %lld, \"live\": "
      "%lld, \"apart\": %lld}, \"memory_bytes\": %lld}\n",
      options.chains, tokens, tokens / together, tokens / one_by_one, tokens / padded,
      static_cast<long long>(4 * layers.planned()), static_cast<long long>(4 * layers.live()),
      static_cast<long long>(4 * layers.apart()), static_cast<long long>(about.memory_bytes));
  return 0;
}

}  // namespace
}  // namespace longplay

int main(int count, char** values) {
  if (count < 2) {
    std::fprintf(stderr, "error: reading the arguments: expected a folder\n");
    return 1;
  }
  std::map<std::string, int64_t> given;
  for (int i = 2; i < count; ++i) {
    const std::string word = values[i];
    const size_t equals = word.find('=');
    if (equals == std::string::npos) continue;
    given[word.substr(0, equals)] = std::atoll(word.c_str() + equals + 1);
  }
  return longplay::Bench(values[1], given);
}
