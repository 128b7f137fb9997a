// SPDX-License-Identifier: MIT
#include "agent/ranks/rank_store.h"

#ifdef LONGPLAY_GLOO
#include <c10/util/Logging.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <set>
#include <stdexcept>
#include <thread>

namespace longplay {
namespace {

std::chrono::milliseconds Milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

std::string ShownSeconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%g s", seconds);
  return text;
}

std::vector<uint8_t> BytesOf(const std::string& text) { return {text.begin(), text.end()}; }
std::string TextOf(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

bool OpensStore(const RankPlace& place) { return place.rank == 0 && !place.launcher_has_store; }

std::string Meeting(const RankPlace& place) {
  return place.address + ":" + std::to_string(place.port);
}

/// c10d tells on stderr of every attempt and of every wait; one line of ours says how it ended.
class QuietConnecting {
 public:
  QuietConnecting() : before_(FLAGS_caffe2_log_level) { FLAGS_caffe2_log_level = c10::GLOG_FATAL; }
  ~QuietConnecting() { FLAGS_caffe2_log_level = before_; }
  QuietConnecting(const QuietConnecting&) = delete;
  QuietConnecting& operator=(const QuietConnecting&) = delete;

 private:
  int before_;
};

std::string HereKey(int64_t rank) { return "here/" + std::to_string(rank); }

/// Rank `missing` did not come in time.
[[noreturn]] void FailWithout(c10d::Store& store, const RankPlace& place, int64_t missing,
                              double timeout) {
  std::vector<int64_t> here;
  std::set<std::string> machines;
  try {
    for (int64_t rank = 0; rank < place.size; ++rank) {
      if (!store.check({HereKey(rank)})) continue;
      here.push_back(rank);
      const std::string text = TextOf(store.get(HereKey(rank)));
      machines.insert(text.substr(text.find(' '), text.find('|') - text.find(' ')));
    }
  } catch (const std::exception&) {
    throw std::runtime_error("joining ranks: " + KeeperOf(place) +
                             ": expected an answer, got none any more");
  }
  // Who keeps the store lets the others look first.
  if (OpensStore(place)) std::this_thread::sleep_for(std::chrono::seconds(1));
  if (machines.size() == 1 && here.front() != place.rank) throw ToldElsewhere();
  throw std::runtime_error("joining ranks: expected " + std::to_string(place.size) + " within " +
                           ShownSeconds(timeout) + " (parallel.start_timeout), got " +
                           std::to_string(here.size()) + "; the first that did not come is rank " +
                           std::to_string(missing));
}

}  // namespace

std::string KeeperOf(const RankPlace& place) {
  return (place.launcher_has_store ? place.launcher : "rank 0") + " at " + Meeting(place);
}

c10::intrusive_ptr<c10d::Store> OpenStore(const RankPlace& place, double timeout) {
  const QuietConnecting quiet;
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(place.port);
  options.isServer = OpensStore(place);
  options.waitWorkers = false;
  options.timeout = Milliseconds(timeout);
  try {
    const auto store = c10::make_intrusive<c10d::TCPStore>(place.address, options);
    // Ranks of another start, and whoever else uses a launcher's store, have other keys.
    return c10::make_intrusive<c10d::PrefixStore>(
        "longplay/" + place.meeting + "/" + std::to_string(place.restarts), store);
  } catch (const std::exception& error) {
    const std::string what = error.what();
    if (what.find("EADDRINUSE") != std::string::npos) {
      throw std::runtime_error("joining ranks: port " + std::to_string(place.port) +
                               ": expected a free one on this machine, got one that is in use "
                               "(MASTER_PORT names another)");
    }
    throw std::runtime_error("joining ranks: " + KeeperOf(place) + ": expected an answer within " +
                             ShownSeconds(timeout) + " (parallel.start_timeout), got none");
  }
}

void StoreBoard::Write(const std::string& key, const std::string& value) {
  store_->set(key, BytesOf(value));
}

std::optional<std::string> StoreBoard::Read(const std::string& key) {
  if (!store_->check({key})) return std::nullopt;
  return TextOf(store_->get(key));
}

std::string StoreBoard::WriteFirst(const std::string& key, const std::string& value) {
  return TextOf(store_->compareSet(key, {}, BytesOf(value)));
}

std::vector<std::string> MeetInStore(c10d::Store& store, const RankPlace& place,
                                     const std::string& own, double timeout) {
  const QuietConnecting quiet;
  const std::string size = std::to_string(place.size);
  if (store.add("count/" + std::to_string(place.rank), 1) > 1) {
    throw std::invalid_argument("joining ranks: expected one process for each rank, got two for " +
                                std::to_string(place.rank) + " of " + size);
  }
  store.set(HereKey(place.rank), BytesOf(size + " " + own));
  const auto end = std::chrono::steady_clock::now() + Milliseconds(timeout);
  std::vector<std::string> said;
  for (int64_t rank = 0; rank < place.size; ++rank) {
    try {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      store.wait({HereKey(rank)}, std::max(left, std::chrono::milliseconds(1)));
    } catch (const std::exception&) {
      FailWithout(store, place, rank, timeout);
    }
    const std::string text = TextOf(store.get(HereKey(rank)));
    const std::string told = text.substr(0, text.find(' '));
    if (told != size) {
      std::string problem = "joining ranks: expected one number of ranks, got ";
      problem.append(size).append(" at rank ").append(std::to_string(place.rank));
      problem.append(" and ").append(told).append(" at rank ").append(std::to_string(rank));
      throw std::invalid_argument(problem);
    }
    said.push_back(text.substr(text.find(' ') + 1));
  }
  return said;
}

}  // namespace longplay
#endif
