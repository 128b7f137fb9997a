// SPDX-License-Identifier: MIT
#include "model/memory_meter.h"

#include <c10/core/Allocator.h>

#include <atomic>
#include <cstring>
#include <mutex>

namespace longplay {
namespace {

std::atomic<int64_t> current_bytes{0}, peak_bytes{0};

void Count(int64_t bytes) {
  const int64_t now = current_bytes.fetch_add(bytes) + bytes;
  int64_t peak = peak_bytes.load();
  while (now > peak && !peak_bytes.compare_exchange_weak(peak, now)) {
  }
}

/// Every block carries its size in front of the tensor's data. 64 bytes keep torch's alignment.
constexpr size_t kHeaderBytes = 64;

/// The allocator that was there before; set once, before the first counted block.
c10::Allocator* inner_allocator = nullptr;

void FreeCounted(void* data) {
  if (data == nullptr) return;
  char* block = static_cast<char*>(data) - kHeaderBytes;
  int64_t bytes = 0;
  std::memcpy(&bytes, block, sizeof(bytes));
  current_bytes.fetch_sub(bytes);
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
    Count(counted);
    char* data = block + kHeaderBytes;
    return {data, data, &FreeCounted, device};
  }

  c10::DeleterFnPtr raw_deleter() const override { return &FreeCounted; }

  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
};

}  // namespace

void InstallMemoryMeter() {
  static CountingAllocator meter;  // holds nothing, so tensors that outlive it do no harm
  static std::once_flag once;
  std::call_once(once, [] {
    inner_allocator = c10::GetAllocator(c10::kCPU);
    c10::SetAllocator(c10::kCPU, &meter, /*priority=*/200);
  });
}

int64_t CurrentTensorBytes() { return current_bytes.load(); }

int64_t PeakTensorBytes() { return peak_bytes.load(); }

void ResetPeakTensorBytes() { peak_bytes.store(current_bytes.load()); }

}  // namespace longplay
