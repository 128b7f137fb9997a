// SPDX-License-Identifier: MIT
#include "agent/ranks/machine_share.h"

#include <ATen/Parallel.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <netdb.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace longplay {
namespace {

/// The cores that this process may use, a hexadecimal digit for four of them.
std::string CoresAllowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return "";
  std::string digits;
  for (int core = 0; core < CPU_SETSIZE; core += 4) {
    int digit = 0;
    for (int bit = 0; bit < 4; ++bit) digit |= CPU_ISSET(core + bit, &set) ? 1 << bit : 0;
    digits += "0123456789abcdef"[digit];
  }
  return digits.substr(0, digits.find_last_not_of('0') + 1);
}

std::string HostName() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

std::string MachineAndCores() { return HostName() + "|" + CoresAllowed(); }

std::string AddressTowards(const std::string& host) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), "9", &hints, &found) != 0) return "";
  char name[NI_MAXHOST] = "";
  for (const addrinfo* each = found; each != nullptr && *name == 0; each = each->ai_next) {
    // Nothing is sent: connecting a datagram's socket chooses the interface.
    const int socket_id = socket(each->ai_family, SOCK_DGRAM, 0);
    sockaddr_storage own = {};
    socklen_t size = sizeof own;
    if (socket_id >= 0 && connect(socket_id, each->ai_addr, each->ai_addrlen) == 0 &&
        getsockname(socket_id, reinterpret_cast<sockaddr*>(&own), &size) == 0) {
      getnameinfo(reinterpret_cast<const sockaddr*>(&own), size, name, sizeof name, nullptr, 0,
                  NI_NUMERICHOST);
    }
    if (socket_id >= 0) close(socket_id);
  }
  freeaddrinfo(found);
  // A machine's own name may stand for its loopback, where no other machine finds it.
  const std::string address = name;
  return address.starts_with("127.") || address == "::1" ? "" : address;
}

RankShareOfMachine ShareOfMachine(const std::vector<std::string>& said, int64_t rank) {
  const auto host = [&](int64_t r) { return said[r].substr(0, said[r].find('|')); };
  const auto cores = [&](int64_t r) { return said[r].substr(said[r].find('|') + 1); };
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  RankShareOfMachine share;
  int64_t users = 0;  // ranks that may use a core of this one's
  const std::string own = cores(rank);
  for (int64_t r = 0; r < static_cast<int64_t>(said.size()); ++r) {
    if (host(r) != host(rank)) continue;
    if (r < rank) ++share.local_rank;
    ++share.local_size;
    const std::string others = cores(r);
    for (size_t i = 0; i < std::min(own.size(), others.size()); ++i) {
      if ((digit(own[i]) & digit(others[i])) == 0) continue;
      ++users;
      break;
    }
  }
  int64_t count = 0;
  for (const char c : own) count += __builtin_popcount(digit(c));
  share.threads = std::max<int64_t>(1, count / std::max<int64_t>(users, 1));
  return share;
}

void UseShareOfMachine(const RankShareOfMachine& share) {
  if (std::getenv("OMP_NUM_THREADS") == nullptr) {
    at::set_num_threads(static_cast<int>(share.threads));
  }
  if (!c10::impl::hasDeviceGuardImpl(c10::DeviceType::CUDA)) return;
  const c10::impl::VirtualGuardImpl devices(c10::DeviceType::CUDA);
  const int count = static_cast<unsigned char>(devices.deviceCount());
  if (count == 0) return;
  devices.setDevice(
      {c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(share.local_rank % count)});
}

}  // namespace longplay
