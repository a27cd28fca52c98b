/* The simulator: an endless stream of transfers, with laundering patterns planted in it. No I/O, no clock:
 * the same options give the same stream. */
#pragma once

#include "tools/sim_wallet.h"

#include <stddef.h>

enum { SIM_ID_SIZE_MAX = 64, SIM_RUN_SIZE_MAX = 32 };

typedef struct {
    uint64_t seed;   /* of the wallets and their labels */
    const char *run; /* begins every tx_id; other runs with the same seed have the same wallets, but other
                        transfers */
    uint32_t wallet_count;
    double pattern_share; /* of the transfers, 0..1 */
    uint64_t count;       /* 0: endless; else patterns are planted so that they are complete within so many */
    int64_t start_ms;     /* of the time in the simulation */
    /* The caller says what time it is, and patterns take minutes. Otherwise time passes as the wallets'
     * activity has it, with days, nights and weekends, and patterns take hours and days. */
    bool live;
} sim_options_t;

typedef struct {
    char tx_id[SIM_ID_SIZE_MAX];
    char src[SIM_ADDRESS_SIZE_MAX], dst[SIM_ADDRESS_SIZE_MAX];
    int src_size;
    sim_asset_t asset;
    double amount;
    int64_t timestamp_ms;
    char pattern_id[SIM_ID_SIZE_MAX]; /* empty: an ordinary transfer */
    const char *typology;             /* NULL: an ordinary transfer */
} sim_transfer_t;

typedef struct {
    char wallet[SIM_ADDRESS_SIZE_MAX];
    const char *category;
} sim_label_t;

typedef struct sim sim_t;

sim_t *sim_new(const sim_options_t *options);
void sim_free(sim_t *sim);
/* `now_ms` counts in live mode only. Never ends; after `count` transfers the caller stops. */
void sim_next(sim_t *sim, int64_t now_ms, sim_transfer_t *transfer);
/* The labelled wallets, index from 0; false past the last. */
bool sim_label(const sim_t *sim, uint32_t index, sim_label_t *label);
