// SPDX-License-Identifier: MIT
#include "model/memory/memory_meter.h"

#include <c10/core/Allocator.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <fstream>
#include <limits>
#include <mutex>
#include <string>

#include "model/memory/block_shelf.h"

namespace longplay {
namespace {

/// `highest` becomes at least `value`. Another thread may raise it meanwhile: tried again until it is.
void Raise(std::atomic<int64_t>& highest, int64_t value) {
  int64_t now = highest.load();
  while (value > now && !highest.compare_exchange_weak(now, value)) {
  }
}

struct Counter {
  std::atomic<int64_t> current{0}, peak{0};

  /// What is held with it.
  int64_t Add(int64_t bytes) {
    const int64_t now = current.fetch_add(bytes) + bytes;
    Raise(peak, now);
    return now;
  }
};

Counter all_bytes, mapped_bytes;
/// [bytes] The most that counted blocks took, whatever resets the peak.
std::atomic<int64_t> most_bytes{0};

/// Every block carries its size in front of the tensor's data. 64 bytes keep torch's alignment.
constexpr size_t kHeaderBytes = 64;

/// The allocator that was there before; set once, before the first counted block.
c10::Allocator* inner_allocator = nullptr;

/// Outlives every tensor.
BlockShelf& Shelf() {
  static auto* shelf = new BlockShelf;
  return *shelf;
}
std::atomic<bool> blocks_are_reused{false};

void TrimShelf(size_t bytes) {
  if (Shelf().bytes() <= bytes) return;
  for (void* block : Shelf().Trim(bytes)) inner_allocator->raw_deallocate(block);
}

/// [bytes] That blocks in use and on the shelf may take together beyond the most that were in use.
/// Small networks, whose steps ask for the same blocks in changing orders, need a little.
constexpr int64_t kMoreThanUsed = 8 << 20;

/// A block of `bytes`, from the shelf where one waits.
void* NewBlock(size_t bytes) {
  void* block = bytes >= kLargeBlock ? Shelf().Take(bytes) : nullptr;
  const int64_t used = all_bytes.current.load() + static_cast<int64_t>(bytes);
  TrimShelf(std::max<int64_t>(0, most_bytes.load() + kMoreThanUsed - used));
  if (block != nullptr) return block;
  try {
    return inner_allocator->raw_allocate(bytes);
  } catch (const std::exception&) {
    // What else the process holds has grown meanwhile.
    if (Shelf().bytes() == 0) throw;
    TrimShelf(0);
    return inner_allocator->raw_allocate(bytes);
  }
}

void FreeCounted(void* data) {
  if (data == nullptr) return;
  char* block = static_cast<char*>(data) - kHeaderBytes;
  int64_t bytes = 0;
  std::memcpy(&bytes, block, sizeof(bytes));
  all_bytes.Add(-bytes);
  const size_t whole = static_cast<size_t>(bytes) + kHeaderBytes;
  if (blocks_are_reused && whole >= kLargeBlock) {
    Shelf().Put(block, whole);
  } else {
    inner_allocator->raw_deallocate(block);
  }
}

/// Kernels also ask for raw pointers and free them through raw_deleter, so a block's context must
/// be its data.
class CountingAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    const c10::Device device(c10::kCPU);
    if (bytes == 0) return {nullptr, nullptr, &FreeCounted, device};
    char* block = static_cast<char*>(NewBlock(bytes + kHeaderBytes));
    const auto counted = static_cast<int64_t>(bytes);
    std::memcpy(block, &counted, sizeof(counted));
    Raise(most_bytes, all_bytes.Add(counted));
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

void InstallMemoryMeter(FreedBlocks freed) {
  static CountingAllocator meter;  // holds nothing, so tensors that outlive it do no harm
  static std::once_flag once;
  std::call_once(once, [] {
    // From here on allocators of lower priority are refused.
    inner_allocator = c10::GetAllocator(c10::kCPU);
    c10::SetAllocator(c10::kCPU, &meter, /*priority=*/200);
  });
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // A sanitizer would not see who uses a block that waits.
  if (freed == FreedBlocks::kReused) blocks_are_reused = true;
#endif
}

void ReturnFreedBlocks() { TrimShelf(0); }

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
