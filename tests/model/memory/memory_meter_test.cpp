// SPDX-License-Identifier: MIT
#include "model/memory/memory_meter.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

namespace longplay {
namespace {

constexpr int64_t kMiB = 1 << 20;

TEST(MemoryMeterTest, CountsTensorsToTheByte) {
  InstallMemoryMeter();
  const int64_t before = CurrentTensorBytes();
  {
    const auto kept = torch::empty({kMiB}, torch::kUInt8);
    ResetPeakTensorBytes();
    EXPECT_EQ(CurrentTensorBytes() - before, kMiB);
    { const auto passing = torch::empty({3, kMiB}, torch::kUInt8); }
    EXPECT_EQ(CurrentTensorBytes() - before, kMiB);
    EXPECT_EQ(PeakTensorBytes() - before, 4 * kMiB);
  }
  EXPECT_EQ(CurrentTensorBytes(), before);
  ResetPeakTensorBytes();
  EXPECT_EQ(PeakTensorBytes(), before);
}

TEST(MemoryMeterTest, SecondInstallationCountsNothingTwice) {
  InstallMemoryMeter();
  InstallMemoryMeter();
  const int64_t before = CurrentTensorBytes();
  const auto tensor = torch::empty({kMiB}, torch::kUInt8);
  EXPECT_EQ(CurrentTensorBytes() - before, kMiB);
}

TEST(MemoryMeterTest, GrowingATensorInPlaceIsCounted) {
  InstallMemoryMeter();
  const int64_t before = CurrentTensorBytes();
  auto tensor = torch::empty({kMiB}, torch::kUInt8);
  tensor.resize_({2 * kMiB});
  EXPECT_EQ(CurrentTensorBytes() - before, 2 * kMiB);
}

TEST(MemoryMeterTest, KernelsThatAskForRawMemoryWork) {
  // The fused attention's float32 kernel does, and asserts that a block's context is its data.
  InstallMemoryMeter();
  const int64_t before = CurrentTensorBytes();
  {
    const auto q = torch::randn({1, 2, 300, 16});
    EXPECT_TRUE(at::scaled_dot_product_attention(q, q, q).isfinite().all().item<bool>());
    EXPECT_TRUE(torch::matmul(torch::randn({300, 200}), torch::randn({200, 100})).defined());
  }
  EXPECT_EQ(CurrentTensorBytes(), before);
}

TEST(MemoryMeterTest, TensorsFromBeforeAreFreedAsUsual) {
  auto tensor = torch::ones({1000});
  InstallMemoryMeter();
  const int64_t before = CurrentTensorBytes();
  tensor.reset();
  EXPECT_LE(CurrentTensorBytes(), before);
}

}  // namespace
}  // namespace longplay
