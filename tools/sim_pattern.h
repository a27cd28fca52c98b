/* The laundering patterns that the simulator plants: each a plan of transfers among wallets made for it. */
#pragma once

#include "tools/sim_wallet.h"

enum { SIM_STEPS_MAX = 64, SIM_TYPOLOGY_COUNT = 10 };

typedef struct {
    double at_ms; /* from the pattern's beginning */
    sim_wallet_t src, dst;
    double amount; /* in units of the asset */
} sim_step_t;

typedef struct {
    const sim_population_t *population;
    sim_random_t *random;
    double hour_ms;       /* what an hour of the pattern takes */
    uint64_t *next_fresh; /* number of the next wallet that is made for a pattern */
    sim_chain_t chain;
    sim_asset_t asset;
    sim_step_t steps[SIM_STEPS_MAX]; /* in no order */
    int step_count;
} sim_plan_t;

typedef struct {
    const char *typology;
    void (*plan)(sim_plan_t *plan);
} sim_typology_t;

extern const sim_typology_t sim_typologies[SIM_TYPOLOGY_COUNT];
