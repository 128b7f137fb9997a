// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>

namespace longplay {

/// body(first, last) over parts of begin <= i < end of at least `grain` (but for the last one), on
/// the threads of ATen's operators (at::set_num_threads). Inside another loop of this kind: on the
/// thread that calls.
///
/// at::parallel_for is a template that is silently serial where its user is compiled without
/// OpenMP; here it is compiled once, with it.
void ParallelFor(int64_t begin, int64_t end, int64_t grain,
                 const std::function<void(int64_t, int64_t)>& body);

/// From now on ATen's operators and their matrix library run on the calling thread alone when it
/// calls them; other threads' calls stay as they are.
void UseOneThread();

}  // namespace longplay
