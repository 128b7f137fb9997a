// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace longplay {

/// Who started this process as one rank of several, and where the ranks meet.
struct RankPlace {
  std::string launcher;  // "torchrun", "srun" ...
  int64_t rank = 0, size = 1;
  std::optional<int64_t> local_rank =
      {};                    // among those of this machine, where the launcher says it
  std::string address = {};  // of the machine with the store
  int64_t port = 0;
  bool launcher_has_store = false;  // else rank 0 opens it
  std::string meeting = {};  // in front of the store's keys: ranks of another start never mix in
  int64_t restarts = 0;      // how often the launcher has started all of them again
};

/// The value of an environment variable; none = not set.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;

/// Those of this process.
std::optional<std::string> EnvironmentVariable(const std::string& name);

/// What the environment says: torchrun, PyTorchJob (and whoever sets RANK and WORLD_SIZE), Open MPI,
/// MPICH (Hydra), or a step of Slurm's. None = a process of its own.
///
/// MASTER_ADDR and MASTER_PORT go before what a launcher implies. MPI's launchers imply this machine
/// where all ranks are on it, Slurm the step's first host; both a port that follows from the job.
///
/// Throws std::invalid_argument, "finding ranks: <variable>: expected .., got ..", for a variable
/// that is missing, wrong, or that another one contradicts.
std::optional<RankPlace> FindRanks(const Variables& variables);

/// "rank 1 of 4, started by torchrun; the ranks meet at node01:29500"
std::string Sentence(const RankPlace& place);

}  // namespace longplay
