// SPDX-License-Identifier: MIT
#include "agent/ranks/rank_session.h"

#include <ATen/Parallel.h>
#include <arpa/inet.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <netdb.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
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

/// The cores that this process may use, a hexadecimal digit for four of them.
std::string CoresAllowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return "";
  std::string digits;
  for (int core = 0; core < CPU_SETSIZE; core += 4) {
    int digit = 0;
    for (int bit = 0; bit < 4; ++bit) digit |= CPU_ISSET(core + bit, &set) ? 1 << bit : 0;
    digits += "0123456789abcdef"[digit];
  }
  return digits.substr(0, digits.find_last_not_of('0') + 1);
}

/// This machine's address on the way to `host`, which others reach too; empty where there is none.
std::string AddressTowards(const std::string& host) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), "9", &hints, &found) != 0) return "";
  char name[NI_MAXHOST] = "";
  for (const addrinfo* each = found; each != nullptr && *name == 0; each = each->ai_next) {
    // Nothing is sent: connecting a datagram's socket chooses the interface.
    const int socket_id = socket(each->ai_family, SOCK_DGRAM, 0);
    sockaddr_storage own = {};
    socklen_t size = sizeof own;
    if (socket_id >= 0 && connect(socket_id, each->ai_addr, each->ai_addrlen) == 0 &&
        getsockname(socket_id, reinterpret_cast<sockaddr*>(&own), &size) == 0) {
      getnameinfo(reinterpret_cast<const sockaddr*>(&own), size, name, sizeof name, nullptr, 0,
                  NI_NUMERICHOST);
    }
    if (socket_id >= 0) close(socket_id);
  }
  freeaddrinfo(found);
  // A machine's own name may stand for its loopback, where no other machine finds it.
  const std::string address = name;
  return address.starts_with("127.") || address == "::1" ? "" : address;
}

std::string HostName() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

RankShareOfMachine ShareOfMachine(const std::vector<std::string>& said, int64_t rank) {
  const auto host = [&](int64_t r) { return said[r].substr(0, said[r].find('|')); };
  const auto cores = [&](int64_t r) { return said[r].substr(said[r].find('|') + 1); };
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  RankShareOfMachine share;
  int64_t users = 0;  // ranks that may use a core of this one's
  const std::string own = cores(rank);
  for (int64_t r = 0; r < static_cast<int64_t>(said.size()); ++r) {
    if (host(r) != host(rank)) continue;
    if (r < rank) ++share.local_rank;
    ++share.local_size;
    const std::string others = cores(r);
    for (size_t i = 0; i < std::min(own.size(), others.size()); ++i) {
      if ((digit(own[i]) & digit(others[i])) == 0) continue;
      ++users;
      break;
    }
  }
  int64_t count = 0;
  for (const char c : own) count += __builtin_popcount(digit(c));
  share.threads = std::max<int64_t>(1, count / std::max<int64_t>(users, 1));
  return share;
}

void UseShareOfMachine(const RankShareOfMachine& share) {
  if (std::getenv("OMP_NUM_THREADS") == nullptr) {
    at::set_num_threads(static_cast<int>(share.threads));
  }
  if (!c10::impl::hasDeviceGuardImpl(c10::DeviceType::CUDA)) return;
  const c10::impl::VirtualGuardImpl devices(c10::DeviceType::CUDA);
  const auto count = static_cast<int64_t>(devices.deviceCount());
  if (count == 0) return;
  devices.setDevice({c10::DeviceType::CUDA,
                     static_cast<c10::DeviceIndex>(share.local_rank % count)});
}

#ifdef LONGPLAY_GLOO

bool HasRanks() { return true; }

class RankSession::Impl {
 public:
  Impl(const RankPlace& place, const ParallelOptions& options)
      : place_(place), timeout_(options.timeout) {
    store_ = OpenStore(place, options.start_timeout);
    const auto said =
        MeetInStore(*store_, place, HostName() + "|" + CoresAllowed(), options.start_timeout);
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
