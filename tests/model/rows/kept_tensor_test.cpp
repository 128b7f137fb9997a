// SPDX-License-Identifier: MIT
#include "model/rows/kept_tensor.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cstdlib>

#include "model/memory/memory_meter.h"
#include "model/rows/mapped_tensor.h"
#include "model/tensors/keyed_noise.h"

namespace longplay {
namespace {

constexpr KeptOptions kInt8{.type = KeptType::kInt8};

torch::Tensor Normal(int64_t B, int64_t T, int64_t D) {
  torch::manual_seed(3);
  return torch::randn({B, T, D});
}

/// [B, T] of the rows of x.
torch::Tensor Keys(const torch::Tensor& x, uint64_t seed) {
  return KeysOfTokens({.seed = seed}, torch::arange(x.size(0)).unsqueeze(1),
                      torch::arange(x.size(1)));
}

/// [B, T, 1] one of the 255 steps between a row's smallest and largest number.
torch::Tensor StepOfRows(const torch::Tensor& x) {
  return (x.amax(2, true) - x.amin(2, true)) / 255;
}

TEST(KeptTensorTest, AsComputedIsTheTensorItself) {
  const auto x = Normal(2, 5, 4);
  EXPECT_TRUE(KeptTensor(x, {}).Restore().is_alias_of(x));
}

TEST(KeptTensorTest, EightBitsAreOffByLessThanOneStepOfTheirRow) {
  const auto x = Normal(2, 1500, 32);  // more rows than one chunk
  const auto error = (KeptTensor(x, kInt8, Keys(x, 1)).Restore() - x).abs();
  EXPECT_LE((error / StepOfRows(x)).max().item<float>(), 1.001);
}

TEST(KeptTensorTest, EightBitsAreRightOnAverage) {
  const auto x = Normal(1, 1, 64);
  auto sum = torch::zeros_like(x);
  for (uint64_t seed = 0; seed < 400; ++seed) sum += KeptTensor(x, kInt8, Keys(x, seed)).Restore();
  // 400 roundings, each off by up to one step: the mean is off by 0.025 steps (one deviation).
  EXPECT_LT(((sum / 400 - x).abs() / StepOfRows(x)).max().item<float>(), 0.12);
}

TEST(KeptTensorTest, ARowWiderThanTheOthersDoesNotWrapAround) {
  // zip-group/Mesa 8b7a0db packs with running ranges and no upper clamp: values above them wrapped.
  auto x = Normal(1, 8, 16);
  x.select(1, 3).mul_(1000);
  EXPECT_LE(
      ((KeptTensor(x, kInt8, Keys(x, 1)).Restore() - x).abs() / StepOfRows(x)).max().item<float>(),
      1.001);
}

TEST(KeptTensorTest, EqualNumbersAreRestored) {
  const auto x = torch::full({1, 3, 4}, -2.5F);
  EXPECT_TRUE(torch::equal(KeptTensor(x, kInt8, Keys(x, 1)).Restore(), x));
}

TEST(KeptTensorTest, TheSameKeysRoundTheSameWayWhereverARowStands) {
  const auto x = Normal(1, 20, 16);
  EXPECT_TRUE(torch::equal(KeptTensor(x, kInt8, Keys(x, 5)).Restore(),
                           KeptTensor(x, kInt8, Keys(x, 5)).Restore()));
  EXPECT_FALSE(torch::equal(KeptTensor(x, kInt8, Keys(x, 5)).Restore(),
                            KeptTensor(x, kInt8, Keys(x, 6)).Restore()));
  const KeptTensor part(x.narrow(1, 7, 4), kInt8, Keys(x, 5).narrow(1, 7, 4));
  EXPECT_TRUE(torch::equal(part.Restore(), KeptTensor(x, kInt8, Keys(x, 5)).Restore({7, 11})));
}

TEST(KeptTensorTest, EightBitsWithoutKeysAreRefused) {
  EXPECT_THROW(KeptTensor(Normal(1, 2, 3), kInt8), c10::Error);
}

TEST(KeptTensorTest, AChunkIsTheSamePartOfTheWhole) {
  const auto x = Normal(3, 20, 16);
  for (const KeptType type : {KeptType::kAsComputed, KeptType::kBFloat16, KeptType::kInt8}) {
    const KeptTensor kept(x, {.type = type}, Keys(x, 1));
    EXPECT_TRUE(torch::equal(kept.Restore({4, 9}), kept.Restore().narrow(1, 4, 5)));
    EXPECT_EQ(kept.Restore().scalar_type(), torch::kFloat32);
  }
}

TEST(KeptTensorTest, FilesHoldTheSameBytesAndAreCounted) {
  const auto x = Normal(2, 50, 16);
  ResetPeakTensorBytes();
  const int64_t before = PeakMappedBytes();
  for (const KeptType type : {KeptType::kAsComputed, KeptType::kBFloat16, KeptType::kInt8}) {
    const KeptTensor memory(x, {.type = type}, Keys(x, 1));
    const KeptTensor file(x, {.type = type, .place = KeptPlace::kFile}, Keys(x, 1));
    EXPECT_TRUE(torch::equal(memory.Restore(), file.Restore()));
  }
  EXPECT_EQ(PeakMappedBytes() - before, x.numel() * 4);
}

TEST(MappedTensorTest, AFolderThatIsNotThereIsAnErrorWithItsName) {
  const char* const before = std::getenv("TMPDIR");
  const std::string saved = before == nullptr ? "/tmp" : before;
  setenv("TMPDIR", "/nowhere/at/all", 1);
  EXPECT_THROW(MappedTensor({4}, torch::kFloat32), std::exception);
  setenv("TMPDIR", saved.c_str(), 1);
  EXPECT_EQ(MappedTensor({4}, torch::kFloat32).fill_(2).sum().item<float>(), 8);
}

}  // namespace
}  // namespace longplay
