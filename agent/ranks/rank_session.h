// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/config/run_options.h"
#include "agent/ranks/find_ranks.h"
#include "agent/ranks/process_group.h"

namespace longplay {

/// Whether this build can train on several ranks: LibTorch has Gloo, and its headers were there.
bool HasRanks();

/// What a rank has of its machine.
struct RankShareOfMachine {
  int64_t local_rank = 0, local_size = 0;  // among the ranks there
  int64_t threads = 1;  // cores that it may use, divided by the ranks that may use one of them
};

/// From what every rank says of itself: "host|cores", a hexadecimal digit for four cores.
RankShareOfMachine ShareOfMachine(const std::vector<std::string>& said, int64_t rank);

/// Uses the share's threads, unless OMP_NUM_THREADS says another number, and where there are GPUs the
/// one whose number is the local rank's.
void UseShareOfMachine(const RankShareOfMachine& share);

/// This process as one rank of several: from where all meet to where all leave.
class RankSession {
 public:
  /// Meets the others: in the store, then pair by pair over Gloo. From then on a rank that is lost
  /// ends this process, with one line on stderr and exit code 1, whatever it is doing; where all
  /// ranks are on one machine, the line is that of one rank alone.
  ///
  /// Throws std::runtime_error within options.start_timeout for a port in use, a store that does not
  /// answer and ranks that do not come, and std::invalid_argument for ranks that were told of
  /// different numbers.
  RankSession(const RankPlace& place, const ParallelOptions& options);
  ~RankSession();
  RankSession(const RankSession&) = delete;
  RankSession& operator=(const RankSession&) = delete;

  ProcessGroup& group();
  const RankShareOfMachine& share() const;

  /// All ranks are done. Returns when every rank has called it.
  void Leave();
  /// This rank fails: the others end and tell why. Whether this one is to tell it itself.
  bool Fail(const std::string& error);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace longplay
