// SPDX-License-Identifier: MIT
#include "model/tensors/memory_meter.h"

#include <c10/core/Allocator.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <limits>
#include <mutex>
#include <string>

namespace longplay {
namespace {

struct Counter {
  std::atomic<int64_t> current{0}, peak{0};

  void Add(int64_t bytes) {
    const int64_t now = current.fetch_add(bytes) + bytes;
    // Another thread may have raised the peak: tried again until it is at least `now`.
    int64_t highest = peak.load();
    while (now > highest && !peak.compare_exchange_weak(highest, now)) {
    }
  }
};

Counter all_bytes, mapped_bytes;

/// Every block carries its size in front of the tensor's data. 64 bytes keep torch's alignment.
constexpr size_t kHeaderBytes = 64;

/// The allocator that was there before; set once, before the first counted block.
c10::Allocator* inner_allocator = nullptr;

void FreeCounted(void* data) {
  if (data == nullptr) return;
  char* block = static_cast<char*>(data) - kHeaderBytes;
  int64_t bytes = 0;
  std::memcpy(&bytes, block, sizeof(bytes));
  all_bytes.Add(-bytes);
  inner_allocator->raw_deallocate(block);
}

/// Kernels also ask for raw pointers and free them through raw_deleter, so a block's context must
/// be its data.
class CountingAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    const c10::Device device(c10::kCPU);
    if (bytes == 0) return {nullptr, nullptr, &FreeCounted, device};
    char* block = static_cast<char*>(inner_allocator->raw_allocate(bytes + kHeaderBytes));
    const auto counted = static_cast<int64_t>(bytes);
    std::memcpy(block, &counted, sizeof(counted));
    all_bytes.Add(counted);
    char* data = block + kHeaderBytes;
    return {data, data, &FreeCounted, device};
  }

  c10::DeleterFnPtr raw_deleter() const override { return &FreeCounted; }

  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
};

/// A line of Linux's account of this process, "VmHWM:" or "VmRSS:" [bytes]; 0 elsewhere.
int64_t LineOfStatus(const std::string& name) {
  std::ifstream status("/proc/self/status");
  std::string key;
  for (int64_t kibibytes = 0; status >> key;) {
    if (key == name && status >> kibibytes) return kibibytes * 1024;
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

}  // namespace

void InstallMemoryMeter() {
  static CountingAllocator meter;  // holds nothing, so tensors that outlive it do no harm
  static std::once_flag once;
  std::call_once(once, [] {
    // From here on allocators of lower priority are refused.
    inner_allocator = c10::GetAllocator(c10::kCPU);
    c10::SetAllocator(c10::kCPU, &meter, /*priority=*/200);
  });
}

int64_t CurrentTensorBytes() { return all_bytes.current.load(); }

int64_t PeakTensorBytes() { return all_bytes.peak.load(); }

void ResetPeakTensorBytes() {
  for (Counter* counter : {&all_bytes, &mapped_bytes}) {
    counter->peak.store(counter->current.load());
  }
}

void CountMappedBytes(int64_t change) {
  all_bytes.Add(change);
  mapped_bytes.Add(change);
}

int64_t PeakMappedBytes() { return mapped_bytes.peak.load(); }

int64_t ProcessBytes() { return LineOfStatus("VmRSS:"); }

int64_t PeakProcessBytes() { return LineOfStatus("VmHWM:"); }

}  // namespace longplay
