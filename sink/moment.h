/* Waits with a limit, on a clock that nobody sets. */
#pragma once

#include <pthread.h>
#include <time.h>

/* A moment from now on the clock of a condition that moment_condition_init made. */
struct timespec moment_after(int ms);
void moment_condition_init(pthread_cond_t *condition);
