// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace longplay {

/// What a rank has of its machine.
struct RankShareOfMachine {
  int64_t local_rank = 0, local_size = 0;  // among the ranks there
  int64_t threads = 1;  // cores that it may use, divided by the ranks that may use one of them
};

/// What this process says of itself: its machine's name, and the cores that it may use: "host|f", a
/// hexadecimal digit for four cores.
std::string MachineAndCores();

/// From what every rank says of itself.
RankShareOfMachine ShareOfMachine(const std::vector<std::string>& said, int64_t rank);

/// Uses the share's threads, unless OMP_NUM_THREADS says another number, and where there are GPUs the
/// one whose number is the local rank's.
void UseShareOfMachine(const RankShareOfMachine& share);

/// This machine's address on the way to `host`, which other machines reach too; empty where there is
/// none.
std::string AddressTowards(const std::string& host);

}  // namespace longplay
