// SPDX-License-Identifier: MIT
// The layers on a GPU against the layers on the CPU.
#include <gtest/gtest.h>
#include <torch/cuda.h>

#include "model/policy/training_benchmark.h"

namespace longplay {
namespace {

class CudaTest : public testing::TestWithParam<Keep> {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << "no GPU here";
  }

  static double Error(torch::ScalarType dtype, const ModelOptions& more) {
    TrainingBenchmarkOptions options{.batch = 2, .context = 300};
    options.model = more;
    options.model.layers = 2;
    options.model.attention.width = 64;
    options.model.attention.heads = 4;
    options.model.attention.query_block = 64;
    options.model.attention.key_block = 48;
    options.model.feed_forward_width = 128;
    options.model.keep = GetParam();
    options.dtype = dtype;
    options.device = "cuda";
    return GradientError(options);
  }
};

TEST_P(CudaTest, Float32EqualsTheCpu) {
  for (const int64_t tokens_at_once : {0, 128}) {
    for (const int64_t span : {0, 70}) {
      ModelOptions options{.tokens_at_once = tokens_at_once};
      options.attention.span = span;
      EXPECT_LT(Error(torch::kFloat32, options), 1e-4) << tokens_at_once << ", span " << span;
    }
  }
}

TEST_P(CudaTest, BFloat16IsCloseToTheCpu) {
  for (const int64_t tokens_at_once : {0, 128}) {
    for (const int64_t span : {0, 70}) {
      ModelOptions options{.tokens_at_once = tokens_at_once};
      options.attention.span = span;
      EXPECT_LT(Error(torch::kBFloat16, options), 0.05) << tokens_at_once << ", span " << span;
    }
  }
}

TEST_P(CudaTest, KeptTensorsWaitOnTheHost) {
  ModelOptions options;
  options.kept.place = KeptPlace::kHost;
  EXPECT_LT(Error(torch::kFloat32, options), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(EveryMode, CudaTest,
                         testing::Values(Keep::kEverything, Keep::kLayerInputs,
                                         Keep::kLayerInputsAndAttention));

}  // namespace
}  // namespace longplay
