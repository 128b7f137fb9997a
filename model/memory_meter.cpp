// SPDX-License-Identifier: MIT
#include "model/memory_meter.h"

#include <c10/core/Allocator.h>

#include <atomic>
#include <memory>
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

/// One block of the inner allocator, which remembers its size.
struct CountedBlock {
  c10::DataPtr inner;
  int64_t bytes;
};

void FreeCounted(void* context) {
  const std::unique_ptr<CountedBlock> block(static_cast<CountedBlock*>(context));
  current_bytes.fetch_sub(block->bytes);
}

class CountingAllocator final : public c10::Allocator {
 public:
  explicit CountingAllocator(c10::Allocator* inner) : inner_(inner) {}

  c10::DataPtr allocate(size_t bytes) override {
    auto block = std::make_unique<CountedBlock>(
        CountedBlock{inner_->allocate(bytes), static_cast<int64_t>(bytes)});
    Count(block->bytes);
    void* data = block->inner.get();
    const c10::Device device = block->inner.device();
    return {data, block.release(), &FreeCounted, device};
  }

  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    inner_->copy_data(to, from, bytes);
  }

 private:
  c10::Allocator* inner_;
};

}  // namespace

void InstallMemoryMeter() {
  // Tensors may outlive every other static object, so the allocator is never destroyed.
  static CountingAllocator& meter =
      *std::make_unique<CountingAllocator>(c10::GetAllocator(c10::kCPU)).release();
  static std::once_flag once;
  std::call_once(once, [] { c10::SetAllocator(c10::kCPU, &meter, /*priority=*/200); });
}

int64_t CurrentTensorBytes() { return current_bytes.load(); }

int64_t PeakTensorBytes() { return peak_bytes.load(); }

void ResetPeakTensorBytes() { peak_bytes.store(current_bytes.load()); }

}  // namespace longplay
