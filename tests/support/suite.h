/* The end of every test program, and random numbers from a seed. */
#pragma once

#include "common/err.h"

#include <check.h>
#include <stdint.h>

/* Runs the tests, which end with NULL, and returns what main returns. */
int suite_run(const char *name, const TTest *const *tests, double timeout_s);

/* The same in two steps, for tests with fixtures or loops, which are added to a group between them. The
 * groups end with NULL. */
TCase *suite_group(const char *name, const TTest *const *tests, double timeout_s);
int suite_run_groups(const char *name, TCase *const *groups);

/* Fails the test with the error's message. */
void must(err_t *err);

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t random_next(uint64_t *state);
/* 0 to below - 1. */
uint32_t random_below(uint64_t *state, uint32_t below);
/* AMLSTREAM_TEST_SEED where set, to repeat a run that failed; else `usual`. */
uint64_t random_seed(uint64_t usual);
