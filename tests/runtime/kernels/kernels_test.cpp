// SPDX-License-Identifier: MIT
// Each kernel of each set of instructions beside its twin: plain loops in double, written as the
// formula reads.
#include "runtime/kernels/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "runtime/longplay.h"

namespace longplay::runtime {
namespace {

using Numbers = std::vector<float>;

class KernelTest : public ::testing::TestWithParam<int32_t> {
 protected:
  void SetUp() override {
    int32_t found = 0;
    kernels_ = ChooseKernels(GetParam(), &found);
    if (kernels_ == nullptr) GTEST_SKIP() << "this machine has no such instructions";
  }
  Numbers Draw(int64_t count, double size = 1) {
    std::normal_distribution<double> normal(0, size);
    Numbers numbers(count);
    for (float& number : numbers) number = static_cast<float>(normal(random_));
    return numbers;
  }

  const Kernels* kernels_ = nullptr;
  std::mt19937_64 random_{3};
};

TEST_P(KernelTest, MapsAreSumsOfProducts) {
  // Outputs that end inside a panel, inputs that are odd, every number of rows in a tile.
  for (const auto& [in, out] : {std::pair<int64_t, int64_t>{1, 1}, {7, 33}, {64, 96}, {129, 40}}) {
    const int64_t padded = (out + kPanel - 1) / kPanel * kPanel;
    Numbers panels(padded * in), bias(padded);
    const Numbers weights = Draw(in * out), some_bias = Draw(out);
    for (int64_t o = 0; o < out; ++o) {
      bias[o] = some_bias[o];
      for (int64_t k = 0; k < in; ++k) {
        panels[(o / kPanel * in + k) * kPanel + o % kPanel] = weights[o * in + k];
      }
    }
    for (int64_t rows = 1; rows <= 14; ++rows) {
      const Numbers x = Draw(rows * (in + 3));
      Numbers y(rows * (out + 2), 9);
      kernels_->map({.in = in, .out = out, .panels = panels.data(), .bias = bias.data()},
                    {x.data(), in + 3}, rows, {y.data(), out + 2});
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t o = 0; o < out; ++o) {
          double sum = bias[o];
          for (int64_t k = 0; k < in; ++k) sum += double{x[r * (in + 3) + k]} * weights[o * in + k];
          EXPECT_NEAR(y[r * (out + 2) + o], sum, 2e-5);
        }
        EXPECT_EQ(y[r * (out + 2) + out], 9);  // nothing is written behind the outputs
      }
    }
  }
}

/// Softmax over what a query sees, in double.
void ReferenceAttendOne(const AttendCall& call, const Numbers& keys, const Numbers& values,
                        int64_t q, std::vector<double>& head) {
  const int64_t K = call.head_width;
  double sum = 0, largest = -1e300;
  std::vector<double> scores(call.slots, -1e300);
  for (const SlotRange range : call.visible[q]) {
    for (int64_t s = range.first; s < range.last; ++s) {
      if (call.hidden != nullptr && call.hidden[s] != 0) continue;
      scores[s] = 0;
      for (int64_t k = 0; k < K; ++k) scores[s] += double{call.query[q][k]} * keys[s * K + k];
      scores[s] *= call.scale;
      largest = std::max(largest, scores[s]);
    }
  }
  head.assign(K, 0);
  for (int64_t s = 0; s < call.slots; ++s) {
    const double weight = scores[s] == -1e300 ? 0 : std::exp(scores[s] - largest);
    sum += weight;
    for (int64_t k = 0; k < K; ++k) head[k] += weight * values[s * K + k];
  }
  for (double& number : head) number /= sum;
}

TEST_P(KernelTest, AttentionIsASoftmaxOverWhatIsSeen) {
  for (const int64_t K : {1, 8, 16, 20, 48}) {
    for (const int64_t slots : {5, 32, 77}) {
      const int64_t panels = (slots + kPanel - 1) / kPanel;
      const int64_t V = (K + kColumnStep - 1) / kColumnStep * kColumnStep;
      const Numbers keys = Draw(slots * K), values = Draw(slots * K), queries = Draw(4 * K, 3);
      Numbers packed_keys(panels * kPanel * K), packed_values(panels * kPanel * V);
      for (int64_t s = 0; s < slots; ++s) {
        for (int64_t k = 0; k < K; ++k) {
          packed_keys[(s / kPanel * K + k) * kPanel + s % kPanel] = keys[s * K + k];
          packed_values[s * V + k] = values[s * K + k];
        }
      }
      std::vector<uint8_t> hidden(slots, 0);
      hidden[1] = 1;
      for (int64_t count = 1; count <= kQueryTile; ++count) {
        Numbers scores(4 * panels * kPanel), heads(4 * K);
        AttendCall call{.keys = packed_keys.data(), .values = packed_values.data()};
        if (count % 2 == 0) call.hidden = hidden.data();
        call.head_width = K;
        call.value_stride = V;
        call.slots = slots;
        call.scale = 0.5F;
        call.queries = count;
        call.scores = scores.data();
        for (int64_t q = 0; q < count; ++q) {
          call.query[q] = queries.data() + q * K;
          call.heads[q] = heads.data() + q * K;
          call.visible[q][0] = {0, 1 + q % 2};
          call.visible[q][1] = {2, 3 + q % 2};
          if (q > 0) call.visible[q][2] = {4, slots};
        }
        kernels_->attend(call);
        std::vector<double> expected;
        for (int64_t q = 0; q < count; ++q) {
          ReferenceAttendOne(call, keys, values, q, expected);
          for (int64_t k = 0; k < K; ++k) EXPECT_NEAR(heads[q * K + k], expected[k], 1e-5);
        }
      }
    }
  }
}

TEST_P(KernelTest, NormsHaveMeanZeroAndVarianceOne) {
  for (const int64_t n : {1, 5, 16, 50}) {
    const Numbers x = Draw(n, 3), weight = Draw(n), bias = Draw(n);
    Numbers layer(n), square(n);
    kernels_->norm(x.data(), n, weight.data(), bias.data(), 1e-5F, layer.data());
    kernels_->norm(x.data(), n, weight.data(), nullptr, 1e-5F, square.data());
    double mean = 0, variance = 0, squares = 0;
    for (const float number : x) mean += number / static_cast<double>(n);
    for (const float number : x) {
      variance += (number - mean) * (number - mean) / static_cast<double>(n);
      squares += double{number} * number / static_cast<double>(n);
    }
    for (int64_t i = 0; i < n; ++i) {
      EXPECT_NEAR(layer[i], (x[i] - mean) / std::sqrt(variance + 1e-5) * weight[i] + bias[i], 3e-5);
      EXPECT_NEAR(square[i], x[i] / std::sqrt(squares + 1e-5) * weight[i], 1e-5);
    }
  }
}

TEST_P(KernelTest, FunctionsOfOneNumber) {
  Numbers x = Draw(301, 4);
  x.insert(x.end(), {0, -0.0F, 30, -30, 87, -87, 1e-8F, -100});
  const auto n = static_cast<int64_t>(x.size());
  const auto check = [&](void (*kernel)(const float*, int64_t, float*), auto formula,
                         double error) {
    Numbers y(n);
    kernel(x.data(), n, y.data());
    for (int64_t i = 0; i < n; ++i) {
      const double expected = formula(double{x[i]});
      EXPECT_NEAR(y[i], expected, error * std::max(1.0, std::fabs(expected))) << x[i];
    }
  };
  const auto gelu = [](double v) { return 0.5 * v * std::erfc(-v / std::numbers::sqrt2); };
  check(kernels_->gelu, gelu, 5e-7);
  check(
      kernels_->gelu_tanh,
      [](double v) {
        return 0.5 * v *
               (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (v + 0.044715 * v * v * v)));
      },
      2e-6);
  check(
      kernels_->sigmoid, [](double v) { return 1 / (1 + std::exp(-v)); }, 3e-7);
  check(
      kernels_->exponential, [](double v) { return std::exp(v); }, 5e-7);
  check(
      kernels_->softplus, [](double v) { return std::log1p(std::exp(v)); }, 5e-7);
  Numbers y(n), times = Draw(n), share = Draw(n);
  kernels_->silu_times(x.data(), times.data(), n, y.data());
  for (int64_t i = 0; i < n; ++i) {
    EXPECT_NEAR(y[i], x[i] / (1 + std::exp(-double{x[i]})) * times[i], 1e-5);
  }
  kernels_->mix(x.data(), times.data(), share.data(), n, y.data());
  for (int64_t i = 0; i < n; ++i) {
    EXPECT_NEAR(y[i], x[i] + (double{times[i]} - x[i]) * share[i], 1e-4);
  }
}

TEST_P(KernelTest, OneStepOfEachRecurrence) {
  const int64_t E = 21, S = 5;
  // Mamba: s = e^(delta a) s + delta x b, y = s c + d x.
  const Numbers x = Draw(E), b = Draw(S), c = Draw(S), d = Draw(E), before = Draw(S * E);
  Numbers delta = Draw(E), rates = Draw(S * E), state = before, y(E);
  for (float& number : delta) number = std::fabs(number);
  for (float& number : rates) number = -std::fabs(number);
  kernels_->scan({E, S, x.data(), delta.data(), rates.data(), b.data(), c.data(), d.data(),
                  state.data(), y.data()});
  for (int64_t e = 0; e < E; ++e) {
    double sum = double{d[e]} * x[e];
    for (int64_t s = 0; s < S; ++s) {
      const double next = std::exp(double{delta[e]} * rates[s * E + e]) * before[s * E + e] +
                          double{delta[e]} * x[e] * b[s];
      EXPECT_NEAR(state[s * E + e], next, 1e-5);
      sum += next * c[s];
    }
    EXPECT_NEAR(y[e], sum, 1e-5);
  }
  // RWKV-7: S = S diag(w) + (S a) b^T + v k^T, y = S r; the state lies [keys][values].
  const int64_t K = 11;
  const Numbers r = Draw(K), w = Draw(K), k = Draw(K), v = Draw(K), a = Draw(K), rated = Draw(K),
                old = Draw(K * K);
  Numbers next = old, read(K);
  kernels_->delta({.width = K,
                   .r = r.data(),
                   .w = w.data(),
                   .k = k.data(),
                   .v = v.data(),
                   .a = a.data(),
                   .b = rated.data(),
                   .state = next.data(),
                   .y = read.data()});
  for (int64_t i = 0; i < K; ++i) {
    double removed = 0, sum = 0;
    for (int64_t j = 0; j < K; ++j) removed += double{old[j * K + i]} * a[j];
    for (int64_t j = 0; j < K; ++j) {
      const double own = double{old[j * K + i]} * w[j] + removed * rated[j] + double{v[i]} * k[j];
      EXPECT_NEAR(next[j * K + i], own, 1e-5);
      sum += own * r[j];
    }
    EXPECT_NEAR(read[i], sum, 5e-5);
  }
}

TEST_P(KernelTest, HalvesAndBytesAreReadAsTheyWereWritten) {
  // A map of one input and weight 1 row by row shows what each stored weight is read as.
  std::vector<uint16_t> halves(kPanel);
  std::vector<int8_t> bytes(kPanel);
  Numbers scales(kPanel, 0.5F), y(kPanel), one = {1};
  for (int64_t i = 0; i < kPanel; ++i) {
    halves[i] = HalfOf(static_cast<float>(std::pow(-1.7, i % 9) * std::pow(4, i - 20)));
    bytes[i] = static_cast<int8_t>(8 * i - 127);
  }
  kernels_->map({1, kPanel, NumberType::kFloat16, halves.data()}, {one.data(), 1}, 1,
                {y.data(), kPanel});
  for (int64_t i = 0; i < kPanel; ++i) EXPECT_EQ(y[i], FloatOf(halves[i])) << i;
  kernels_->map({1, kPanel, NumberType::kInt8, bytes.data(), scales.data()}, {one.data(), 1}, 1,
                {y.data(), kPanel});
  for (int64_t i = 0; i < kPanel; ++i) EXPECT_EQ(y[i], 0.5F * bytes[i]);
}

#if defined(__x86_64__)
INSTANTIATE_TEST_SUITE_P(Sets, KernelTest,
                         ::testing::Values(LONGPLAY_VECTORS_PLAIN, LONGPLAY_VECTORS_AVX2,
                                           LONGPLAY_VECTORS_AVX512));
#else
INSTANTIATE_TEST_SUITE_P(Sets, KernelTest, ::testing::Values(LONGPLAY_VECTORS_AUTO));
#endif

TEST(HalfTest, EveryHalfComesBackAndNumbersRoundToTheNearest) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    if ((bits & 0x7c00) == 0x7c00) continue;  // infinite or not a number
    const auto half = static_cast<uint16_t>(bits);
    ASSERT_EQ(HalfOf(FloatOf(half)), half);
  }
  EXPECT_EQ(FloatOf(HalfOf(1 + 0x1p-11F)), 1);  // halfway: to even
  EXPECT_EQ(FloatOf(HalfOf(1 + 3 * 0x1p-11F)), 1 + 0x1p-9F);
  EXPECT_EQ(FloatOf(HalfOf(1e30F)), 65504);  // the largest
  EXPECT_EQ(FloatOf(HalfOf(-1e30F)), -65504);
}

}  // namespace
}  // namespace longplay::runtime
