// SPDX-License-Identifier: MIT
#include "agent/files/process_name.h"

#include <unistd.h>

namespace longplay {

std::string HostName() {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  return name;
}

std::string ProcessName() { return HostName() + "-" + std::to_string(getpid()); }

}  // namespace longplay
