/* Random numbers of the simulator: the same from the same seed everywhere. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t state;
} sim_random_t;

uint64_t sim_random_next(sim_random_t *random);
uint32_t sim_random_below(sim_random_t *random, uint32_t below);   /* 0 to below - 1 */
int sim_random_between(sim_random_t *random, int least, int most); /* inclusive */
double sim_random_unit(sim_random_t *random);                      /* 0 <= x < 1 */
double sim_random_range(sim_random_t *random, double least, double most);
bool sim_random_chance(sim_random_t *random, double probability);
double sim_random_normal(sim_random_t *random);      /* mean 0, deviation 1 */
double sim_random_exponential(sim_random_t *random); /* mean 1 */
/* One number out of two: a fixed property of the second by the first. */
uint64_t sim_random_mix(uint64_t a, uint64_t b);
