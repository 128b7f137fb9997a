// SPDX-License-Identifier: MIT
#include "apps/thread_waits.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace longplay {
namespace {

// Beside nothing else as fast as with the library's own 300,000 (0.99 of its speed); fewer turns
// cost a fifth, more are felt beside others (docs/results/layers.md).
constexpr const char* kSpins = "1000";
constexpr std::string_view kComputing[] = {"demo",   "collect", "plan",   "train", "eval",
                                           "excess", "compare", "render", "bench"};

bool IsSet(const char* name) { return std::getenv(name) != nullptr; }

}  // namespace

void LetThreadsSleep(char** arguments) {
  if (arguments[0] == nullptr || arguments[1] == nullptr) return;
  if (std::ranges::find(kComputing, std::string_view(arguments[1])) == std::end(kComputing)) return;
  if (IsSet("GOMP_SPINCOUNT") || IsSet("OMP_WAIT_POLICY")) return;
  const char* threads = std::getenv("OMP_NUM_THREADS");
  if (threads != nullptr && std::string_view(threads) == "1") return;
  setenv("GOMP_SPINCOUNT", kSpins, 1);
  // Returns only where it failed: then the program goes on as it is.
  execv("/proc/self/exe", arguments);
}

}  // namespace longplay
