// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/runs/run_claim.h"

namespace longplay {

/// The claim of a file or folder that is written as a whole (a data set): `out`.claim, which is
/// gone again with this object, so that nothing is left beside the result.
class OutputClaim {
 public:
  /// Throws std::invalid_argument, "<doing>: <out>: expected no other process to write it, got
  /// process 17 on rosalind", where another has it.
  OutputClaim(const std::string& out, const std::string& doing);
  OutputClaim(const OutputClaim&) = delete;
  OutputClaim& operator=(const OutputClaim&) = delete;
  ~OutputClaim();

  /// As RunClaim::Check.
  void Check() const { claim_.Check(doing_, out_); }

 private:
  std::string out_, doing_;
  RunClaim claim_;
};

}  // namespace longplay
