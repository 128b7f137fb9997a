// SPDX-License-Identifier: MIT
#include "agent/runs/output_claim.h"

#include <filesystem>

namespace longplay {
namespace {

/// Of "out/" too it is beside the folder, not in it.
std::string Beside(const std::string& out) {
  const std::filesystem::path path(out);
  return (path.has_filename() ? path : path.parent_path()).string() + ".claim";
}

}  // namespace

OutputClaim::OutputClaim(const std::string& out, const std::string& doing)
    : out_(out), doing_(doing), claim_(RunClaim::Take(Beside(out), doing, out)) {}

OutputClaim::~OutputClaim() { claim_.Remove(); }

}  // namespace longplay
