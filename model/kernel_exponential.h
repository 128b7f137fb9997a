// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstdint>

#include "model/vector_kernel.h"

namespace longplay {

// e^x for x <= 0 (and a little above), without calls or branches, so that loops vectorise. Relative
// error below 1e-7 (float) and 4e-16 (double); 0 below the smallest normal number. Method: e^x =
// 2^n e^r, |r| <= ln(2) / 2, with n rounded by adding 1.5 * 2^m, m bits of mantissa, and a
// polynomial for e^r (Cephes for float, Taylor for double).

LONGPLAY_INLINE float KernelExp(float x) {
  const float shifted = x * 1.44269504F + 12582912.0F;
  const float n = shifted - 12582912.0F;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;  // ln(2) in two parts
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const uint32_t exponent = std::bit_cast<uint32_t>(shifted) << 23;
  return x < -87.0F ? 0.0F : std::bit_cast<float>(std::bit_cast<uint32_t>(p) + exponent);
}

LONGPLAY_INLINE double KernelExp(double x) {
  const double shifted = x * 1.4426950408889634 + 6755399441055744.0;
  const double n = shifted - 6755399441055744.0;
  const double r = (x - n * 0.693145751953125) - n * 1.42860682030941723212e-6;
  double p = 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r * r + r + 1.0;
  const uint64_t exponent = std::bit_cast<uint64_t>(shifted) << 52;
  return x < -708.0 ? 0.0 : std::bit_cast<double>(std::bit_cast<uint64_t>(p) + exponent);
}

}  // namespace longplay
