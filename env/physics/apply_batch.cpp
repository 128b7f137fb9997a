// SPDX-License-Identifier: MIT
#include "env/physics/apply_batch.h"

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace longplay {

#ifdef __SANITIZE_THREAD__
namespace {

struct Call {
  mjfBatchFunc work;
  void* argument;
};

}  // namespace

int ApplyToBatch(mjBatch* batch, const int* ids, int count, mjfBatchFunc work, void* argument,
                 int save) {
  Call call = {work, argument};
  __tsan_release(&call);
  const auto ordered = [](const mjModel* model, mjData* data, int i, void* pointer) {
    auto* each = static_cast<Call*>(pointer);
    __tsan_acquire(each);
    each->work(model, data, i, each->argument);
    __tsan_release(each);
  };
  const int failed = mjb_apply(batch, ids, count, ordered, &call, save);
  __tsan_acquire(&call);
  return failed;
}
#else
int ApplyToBatch(mjBatch* batch, const int* ids, int count, mjfBatchFunc work, void* argument,
                 int save) {
  return mjb_apply(batch, ids, count, work, argument, save);
}
#endif

}  // namespace longplay
