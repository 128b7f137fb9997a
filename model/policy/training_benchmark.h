// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>

#include "model/options.h"

namespace longplay {

struct TrainingBenchmarkOptions {
  int64_t batch = 1;                          // B
  int64_t context = 4096;                     // T [tokens]
  ModelOptions model = {};                    // what concerns the layers is used
  torch::ScalarType dtype = torch::kFloat32;  // of the computation; bfloat16: weights in float32
  std::string device = "cpu";
  int64_t repeats = 3;  // timed passes after one that is not timed; the fastest counts
};

/// One forward and backward pass of the layers, gradients of parameters and input included.
struct TrainingBenchmark {
  double seconds_per_step = 0;
  double tokens_per_second = 0;
  int64_t peak_bytes = 0;           // tensors at the peak, mapped files too, above the parameters
  int64_t mapped_bytes = 0;         // of these: in memory-mapped files, at their own peak
  int64_t process_bytes = 0;        // resident memory of the process at its peak, above that before
  double bytes_per_token_kept = 0;  // tensors between forward and backward, input and output
                                    // included
  double share_of_peak = 0;         // of this machine's measured matrix speed; recomputation and
                                    // blocks above the diagonal don't count as work; NaN: other
                                    // mixers than attention, whose work is not counted
};

/// Installs the memory meter. Threads are torch's (torch::set_num_threads).
TrainingBenchmark BenchmarkTraining(const TrainingBenchmarkOptions& options);

/// How far the gradients (input and parameters) of a pass as the options say are from those of a
/// pass on the CPU that keeps everything as computed, with float32 throughout: norm of the
/// difference over the norm. Fresh weights, random input and output gradient, the same for both.
double GradientError(const TrainingBenchmarkOptions& options);

/// Multiplications and additions of one forward and backward pass: 3 times those of forward. A span
/// shorter than the context counts as what it leaves to do. Layers of attention only.
double TrainingOperations(const TrainingBenchmarkOptions& options);

}  // namespace longplay
