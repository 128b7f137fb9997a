// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace longplay {

/// The name of this machine.
std::string HostName();

/// "rosalind-17", this process on this machine: in the names of temporary files it keeps apart
/// processes that write beside each other, also where machines share a file system and each counts
/// its own processes.
std::string ProcessName();

}  // namespace longplay
