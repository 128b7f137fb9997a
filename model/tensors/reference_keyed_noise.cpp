// SPDX-License-Identifier: MIT
#include "model/tensors/reference_keyed_noise.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>

#include "model/tensors/wide_type.h"

namespace longplay {
namespace {

constexpr int64_t kLow32 = 0xffffffff;

/// z >> bits of numbers without a sign. (ATen's int64 has one.)
torch::Tensor ShiftedRight(const torch::Tensor& z, int64_t bits) {
  return at::bitwise_right_shift(z, bits).bitwise_and_((int64_t{1} << (64 - bits)) - 1);
}

torch::Tensor Folded(const torch::Tensor& z, int64_t bits) {
  return z.bitwise_xor(ShiftedRight(z, bits));
}

/// The low 64 bits of a product: int64 wraps in ATen.
torch::Tensor Times(const torch::Tensor& z, uint64_t factor) {
  return z * static_cast<int64_t>(factor);
}

/// The low 32 bits of a product.
torch::Tensor Times32(const torch::Tensor& x, uint64_t factor) {
  return Times(x, factor).bitwise_and_(kLow32);
}

}  // namespace

torch::Tensor ReferenceCounterSeed(const torch::Tensor& seeds, const torch::Tensor& counters) {
  // splitmix64 (model/tensors/counter_seed.h), on int64 that wrap.
  auto z = seeds + Times(counters + 1, 0x9e3779b97f4a7c15);
  z = Times(Folded(z, 30), 0xbf58476d1ce4e5b9);
  z = Times(Folded(z, 27), 0x94d049bb133111eb);
  return Folded(z, 31);
}

torch::Tensor ReferenceNoiseBits(const torch::Tensor& keys, int64_t columns) {
  const auto place = keys.unsqueeze(-1) + at::arange(columns, keys.options());
  // triple32 on 32 bits inside int64; the high half of key + column joins after the first round.
  auto x = place.bitwise_and(kLow32);
  x = Folded(x, 17);
  x = Folded(Times32(x, 0xed5ad4bb), 11);
  x = (x + ShiftedRight(place, 32)).bitwise_and_(kLow32);
  x = Folded(Times32(x, 0xac4c1b51), 15);
  return Folded(Times32(x, 0x31848bab), 14);
}

uint32_t DropThreshold(double probability) {
  return static_cast<uint32_t>(std::min(std::round(probability * 0x1p32), 0x1p32 - 1));
}

torch::Tensor ReferenceDrop(const torch::Tensor& x, const torch::Tensor& keys, double probability) {
  // One rounding, from the wide type, as in the loops.
  const auto kept = ReferenceNoiseBits(keys, x.size(-1)) >= int64_t{DropThreshold(probability)};
  const auto type = WideType(x.scalar_type());
  return (x.to(type) * (kept.to(type) * (1 / (1 - probability)))).to(x.scalar_type());
}

torch::Tensor ReferenceUniform(const torch::Tensor& keys, int64_t columns, torch::ScalarType type) {
  const auto bits = ReferenceNoiseBits(keys, columns);
  return type == torch::kFloat64 ? (bits.to(type) + 0.5) * 0x1p-32
                                 : (ShiftedRight(bits, 9).to(type) + 0.5) * 0x1p-23;
}

}  // namespace longplay
