#include "tools/sim_random.h"

#include <math.h>

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t scramble(uint64_t z) {
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t sim_random_next(sim_random_t *random) {
    return scramble(random->state += UINT64_C(0x9e3779b97f4a7c15));
}

uint64_t sim_random_mix(uint64_t a, uint64_t b) {
    return scramble(scramble(a + UINT64_C(0x9e3779b97f4a7c15)) ^ (b * UINT64_C(0xd6e8feb86659fd93)));
}

uint32_t sim_random_below(sim_random_t *random, uint32_t below) {
    return (uint32_t)((sim_random_next(random) >> 32) * below >> 32);
}

int sim_random_between(sim_random_t *random, int least, int most) {
    return least + (int)sim_random_below(random, (uint32_t)(most - least + 1));
}

double sim_random_unit(sim_random_t *random) { return (double)(sim_random_next(random) >> 11) * 0x1p-53; }

double sim_random_range(sim_random_t *random, double least, double most) {
    return least + (most - least) * sim_random_unit(random);
}

bool sim_random_chance(sim_random_t *random, double probability) {
    return sim_random_unit(random) < probability;
}

/* Box and Muller. */
double sim_random_normal(sim_random_t *random) {
    double radius = sqrt(2 * sim_random_exponential(random));
    return radius * cos(2 * 3.14159265358979323846 * sim_random_unit(random));
}

double sim_random_exponential(sim_random_t *random) { return -log(1 - sim_random_unit(random)); }
