/* SPDX-License-Identifier: MIT */
/* A control loop of 500 Hz around a policy of the zoo, in C99: deadlines are counted, and in the
 * middle the controller is restarted with the context that it saved.
 *
 *   controller zoo/point_goal_8_episodes [seconds]
 *
 * The plant is a point mass that looks for a hidden goal (family/point-goal-v0, its physics written
 * out); each tick is one decision. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/longplay.h"

enum { kDecisions = 20, kEpisodes = 8, kPeriod = 2000000 /* [ns] 500 Hz */ };
static const double kDeadline = 0.001; /* [s] half a period is the policy's */

struct plant {
  double position[2], velocity[2], goal[2]; /* [m], [m/s] */
};

/* Half a second under `action`: the velocity goes to 0.1 m/s times it, time constant 0.3 s. */
static double step(struct plant* plant, const double* action) {
  double square = 0;
  for (int i = 0; i < 2; ++i) {
    const double wanted = 0.1 * action[i], left = exp(-0.5 / 0.3);
    const double apart = plant->velocity[i] - wanted;
    plant->position[i] += 0.5 * wanted + 0.3 * apart * (1 - left);
    plant->position[i] = fmax(-0.29, fmin(0.29, plant->position[i]));
    plant->velocity[i] = wanted + apart * left;
    square += pow(plant->position[i] - plant->goal[i], 2);
  }
  /* 1 within 15 mm of the goal, 0.1 at 15 cm more. */
  const double beyond = fmax(0, sqrt(square) - 0.015) / 0.15;
  return 1 / (1 + 9 * beyond * beyond);
}

static void observe(const struct plant* plant, double* observation) {
  memcpy(observation, plant->position, sizeof plant->position);
  memcpy(observation + 2, plant->velocity, sizeof plant->velocity);
}

static longplay_policy* open_policy(const char* folder) {
  longplay_policy_options options;
  longplay_policy* policy = NULL;
  char message[LONGPLAY_MESSAGE_SIZE];
  longplay_policy_defaults(&options, sizeof options);
  options.deadline = kDeadline;
  options.act = LONGPLAY_ACT_SAMPLE; /* as the zoo's record of this policy was made */
  options.seed = 1;
  options.window_episodes = kEpisodes;
  if (longplay_policy_open(folder, &options, &policy, message, sizeof message) != LONGPLAY_OK) {
    fprintf(stderr, "error: %s\n", message);
    exit(1);
  }
  return policy;
}

/* The controller's process ends, and another one goes on with what its policy remembered. */
static longplay_policy* restart(longplay_policy* policy, const char* folder) {
  const size_t size = longplay_policy_saved_size(policy, 0);
  void* saved = malloc(size);
  if (saved == NULL || longplay_policy_save(policy, 0, saved, size, NULL) != LONGPLAY_OK) exit(1);
  longplay_policy_close(policy);
  policy = open_policy(folder);
  if (longplay_policy_load(policy, 0, saved, size) != LONGPLAY_OK) exit(1);
  free(saved);
  return policy;
}

static void wait_for(struct timespec* next, long* late) {
  struct timespec now;
  next->tv_nsec += kPeriod;
  if (next->tv_nsec >= 1000000000) ++next->tv_sec, next->tv_nsec -= 1000000000;
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
  clock_gettime(CLOCK_MONOTONIC, &now);
  const double behind = (double)(now.tv_sec - next->tv_sec) + 1e-9 * (now.tv_nsec - next->tv_nsec);
  *late += behind > 1e-9 * kPeriod; /* the system woke us a whole period late */
}

int main(int count, char** values) {
  if (count < 2) return fprintf(stderr, "usage: controller FOLDER [SECONDS]\n"), 2;
  const long ticks = (long)(500 * (count > 2 ? atof(values[2]) : 2));
  longplay_policy* policy = open_policy(values[1]);
  longplay_policy_description about;
  about.size = sizeof about;
  longplay_policy_describe(policy, &about);
  if (about.observation_size != 4 || about.action_columns != 2) {
    return fprintf(stderr, "error: expected a policy of point-goal, got another\n"), 1;
  }

  struct plant plant = {{0, 0}, {0, 0}, {0.18, -0.14}};
  double observation[4], action[2], reward = 0, sums[2] = {0, 0}, worst = 0;
  long episodes[2] = {0, 0}, late = 0, missed = 0;
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  for (long tick = 0; tick < ticks; ++tick) {
    const uint8_t starts = tick % kDecisions == 0;
    if (starts) memset(plant.position, 0, sizeof plant.position);
    if (starts) memset(plant.velocity, 0, sizeof plant.velocity);
    if (tick == ticks / 2) policy = restart(policy, values[1]);
    observe(&plant, observation);
    const longplay_view view = {observation, &reward, &starts, NULL};
    longplay_status status;
    if (longplay_policy_act(policy, &view, action, &status) != LONGPLAY_OK) {
      return fprintf(stderr, "error: %s\n", longplay_policy_message(policy)), 1;
    }
    missed += status.overrun;
    worst = fmax(worst, status.seconds);
    reward = step(&plant, action);
    /* The first episode knows nothing of the goal; later ones have those before in context. */
    const int later = tick >= kDecisions;
    sums[later] += reward;
    episodes[later] += starts;
    wait_for(&next, &late);
  }
  printf(
      "%ld decisions at 500 Hz: %ld missed the deadline of %.1f ms, worst %.3f ms; %ld ticks "
      "came late\n",
      ticks, missed, 1e3 * kDeadline, 1e3 * worst, late);
  printf("return of the first episode %.1f, of the later ones %.1f on average\n",
         sums[0] / (double)episodes[0], episodes[1] > 0 ? sums[1] / (double)episodes[1] : 0.0);
  longplay_policy_close(policy);
  return 0;
}
