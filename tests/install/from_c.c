/* SPDX-License-Identifier: MIT */
/* A C program of a user's, on the installed C interfaces: an episode's return, and one of random seeds. */
#include <longplay_data.h>
#include <longplay_environments.h>
#include <stdio.h>

static int Fail(const char* message) {
  fprintf(stderr, "error: %s\n", message);
  return 1;
}

int main(int count, char** arguments) {
  if (count != 2) return Fail("expected a data set");
  const char* path = arguments[1];
  longplay_dataset* data;
  if (longplay_dataset_open(&path, 1, NULL, &data) != LONGPLAY_DATA_OK) {
    return Fail(longplay_data_error());
  }
  longplay_episode episode;
  if (longplay_dataset_episode(data, 0, &episode) != LONGPLAY_DATA_OK) {
    return Fail(longplay_data_error());
  }
  printf("%lld steps, return %.6g\n", (long long)episode.length, episode.episode_return);
  longplay_dataset_close(data);

  longplay_environments* environments;
  if (longplay_environments_make("dm_control/cartpole-swingup-v0", NULL, &environments) !=
      LONGPLAY_ENVIRONMENTS_OK) {
    return Fail(longplay_environments_error());
  }
  const uint64_t seed = 1;
  const double action = 0.5;
  double reward = 0;
  const longplay_environments_outcome outcome = {.rewards = &reward};
  if (longplay_environments_reset(environments, NULL, &seed, 1) != LONGPLAY_ENVIRONMENTS_OK ||
      longplay_environments_step(environments, &action, LONGPLAY_ENVIRONMENTS_FLOAT64, NULL,
                                 &outcome) != LONGPLAY_ENVIRONMENTS_OK) {
    return Fail(longplay_environments_error());
  }
  printf("reward %.6g\n", reward);
  longplay_environments_close(environments);
  return 0;
}
