/* SPDX-License-Identifier: MIT */
/* The interface is C99, and its header may be included twice. */
#include "runtime/environments/longplay_environments.h"
#include "runtime/environments/longplay_environments.h"

int longplay_environments_in_c(void) {
  longplay_environments* environments;
  if (longplay_environments_make("Hopper-v5", NULL, &environments) != LONGPLAY_ENVIRONMENTS_OK) {
    return 1;
  }
  longplay_environments_close(environments);
  return 0;
}
