// SPDX-License-Identifier: MIT
#include "agent/ranks/rank_session.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "agent/ranks/gloo_group.h"
#include "agent/ranks/rank_store.h"
#include "agent/ranks/rank_watch.h"

namespace longplay {
namespace {

constexpr double kLeaving = 5;  // [s] that the keeper of the store waits for the others' last call

}  // namespace

#ifdef LONGPLAY_GLOO

bool HasRanks() { return true; }

class RankSession::Impl {
 public:
  Impl(const RankPlace& place, const ParallelOptions& options)
      : place_(place), timeout_(options.timeout) {
    store_ = OpenStore(place, options.start_timeout);
    const auto said = MeetInStore(*store_, place, MachineAndCores(), options.start_timeout);
    share = ShareOfMachine(said, place.rank);
    board_.emplace(store_);
    watch_.emplace(*board_, WatchOptions(),
                   [this](const std::string& sentence, bool first) { End(sentence, first); });
    // Ranks of one machine need no network.
    const bool one_machine = share.local_size == place.size;
    const std::string address = one_machine ? "127.0.0.1" : AddressTowards(place.address);
    group.emplace(store_, place.rank, place.size, address, options.start_timeout,
                  [this] { AwaitVerdict(); });
  }

  void Leave() {
    group->Barrier();
    watch_.reset();
    // Who keeps the store stays until nobody needs it any more.
    store_->add("left", 1);
    if (place_.rank != 0 || place_.launcher_has_store) return;
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::milliseconds(static_cast<int64_t>(kLeaving * 1000));
    while (store_->add("left", 0) < place_.size && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  bool Fail(const std::string& error) {
    const bool first = watch_->Fail(error);
    // Who keeps the store ends last: the others read there why.
    if (place_.rank == 0 && !place_.launcher_has_store) {
      std::this_thread::sleep_for(std::chrono::seconds(3));
    }
    return first || share.local_size < place_.size;
  }

  RankShareOfMachine share;
  std::optional<GlooGroup> group;

 private:
  RankWatch::Options WatchOptions() const {
    return {.rank = place_.rank,
            .size = place_.size,
            .keeper = KeeperOf(place_),
            .timeout = std::chrono::milliseconds(static_cast<int64_t>(timeout_ * 1000))};
  }

  /// From a thread of the watch: this process can do nothing more. Its checkpoints are whole.
  void End(const std::string& sentence, bool first) {
    // One machine has one stderr for all ranks; others have a log each.
    if (first || share.local_size < place_.size) {
      std::fprintf(stderr, "%serror: training: %s; the last checkpoint is kept\n",
                   isatty(STDERR_FILENO) != 0 ? "\n" : "", sentence.c_str());
    }
    std::fflush(stderr);
    // The keeper of the store lets the others read the sentence first.
    if (place_.rank == 0 && !place_.launcher_has_store) {
      std::this_thread::sleep_for(std::chrono::seconds(3));
    }
    std::_Exit(1);
  }

  /// A message failed: the watch finds out who is gone, and ends this process meanwhile.
  void AwaitVerdict() {
    watch_->Alarm();
    std::this_thread::sleep_for(
        std::chrono::milliseconds(static_cast<int64_t>(timeout_ * 1000) + 10000));
  }

  const RankPlace place_;
  const double timeout_;
  c10::intrusive_ptr<c10d::Store> store_;
  std::optional<StoreBoard> board_;
  std::optional<RankWatch> watch_;
};

RankSession::RankSession(const RankPlace& place, const ParallelOptions& options)
    : impl_(std::make_unique<Impl>(place, options)) {}

ProcessGroup& RankSession::group() { return *impl_->group; }
const RankShareOfMachine& RankSession::share() const { return impl_->share; }
void RankSession::Leave() { impl_->Leave(); }
bool RankSession::Fail(const std::string& error) { return impl_->Fail(error); }

#else

bool HasRanks() { return false; }

class RankSession::Impl {};

RankSession::RankSession(const RankPlace& place, const ParallelOptions& /*options*/) {
  throw std::runtime_error("joining ranks: expected a build with Gloo for " +
                           std::to_string(place.size) +
                           " ranks, got one without (libgloo-dev was not there)");
}

ProcessGroup& RankSession::group() { std::abort(); }
const RankShareOfMachine& RankSession::share() const { std::abort(); }
void RankSession::Leave() {}
bool RankSession::Fail(const std::string& /*error*/) { return true; }

#endif

RankSession::~RankSession() = default;

}  // namespace longplay
