// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/ranks/find_ranks.h"
#include "agent/ranks/gloo.h"
#include "agent/ranks/process_group.h"
#include "agent/ranks/rank_watch.h"

#ifdef LONGPLAY_GLOO
namespace longplay {

/// "rank 0 at node01:29500", or the launcher there.
std::string KeeperOf(const RankPlace& place);

/// The store that the ranks meet in: rank 0 opens it, or the launcher has. Throws std::runtime_error,
/// one line, for a port in use and for a store that does not answer within `timeout` [s].
c10::intrusive_ptr<c10d::Store> OpenStore(const RankPlace& place, double timeout);

/// Keys of a store, over a connection of its own, so that nobody waits for another one's call.
class StoreBoard : public RankBoard {
 public:
  explicit StoreBoard(const c10::intrusive_ptr<c10d::Store>& store) : store_(store->clone()) {}
  void Write(const std::string& key, const std::string& value) override;
  std::optional<std::string> Read(const std::string& key) override;
  std::string WriteFirst(const std::string& key, const std::string& value) override;

 private:
  c10::intrusive_ptr<c10d::Store> store_;
};

/// Waits until all ranks have said that they are here, and gives what each said, by rank. Throws
/// std::runtime_error, which names the first that did not come within `timeout` [s] (where all that
/// came are on one machine, one of them says so and the others throw ToldElsewhere), and
/// std::invalid_argument where two were told the same rank, or other sizes.
///   own  begins with the machine: "host|.."
std::vector<std::string> MeetInStore(c10d::Store& store, const RankPlace& place,
                                     const std::string& own, double timeout);

}  // namespace longplay
#endif
