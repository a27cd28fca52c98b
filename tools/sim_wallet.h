/* The wallets of the simulation and what each is like. Nothing is stored: a wallet is a number, and what it
 * is follows from that and the seed, so a restart, or another process, has the same wallets. */
#pragma once

#include "tools/sim_random.h"

#include <stdbool.h>
#include <stdint.h>

enum { SIM_ADDRESS_SIZE_MAX = 64, SIM_HUBS_MIN = 3 };

typedef enum { CHAIN_BITCOIN, CHAIN_ETHEREUM, CHAIN_TRON, CHAIN_LITECOIN, CHAIN_COUNT } sim_chain_t;

typedef enum {
    ASSET_BTC,
    ASSET_ETH,
    ASSET_USDT,
    ASSET_USDC,
    ASSET_TRON_USDT,
    ASSET_LTC,
    ASSET_COUNT
} sim_asset_t;

typedef struct {
    const char *name;
    sim_chain_t chain;
    double price_usd;
    int decimals;
} sim_asset_info_t;

extern const sim_asset_info_t sim_assets[ASSET_COUNT];

/* On each chain: hubs (exchanges, then services), labelled wallets that only patterns touch, people. */
typedef struct {
    sim_chain_t chain;
    bool fresh;      /* made for one pattern of one run */
    uint64_t number; /* of the chain, or of the run where fresh */
} sim_wallet_t;

typedef struct {
    uint64_t seed;
    uint64_t run; /* tells the fresh wallets of one run from those of another */
    uint32_t hub_counts[CHAIN_COUNT];
    uint32_t people_counts[CHAIN_COUNT];
} sim_population_t;

void sim_population_init(sim_population_t *population, uint64_t seed, uint64_t run, uint32_t wallet_count);

/* The address as the chain writes it; returns its size. */
int sim_wallet_address(const sim_population_t *population, sim_wallet_t wallet,
                       char out[SIM_ADDRESS_SIZE_MAX]);
/* Its category where it is labelled, else NULL. */
const char *sim_wallet_category(const sim_population_t *population, sim_wallet_t wallet);
/* The wallets of a chain that may have a label are those with numbers below this. */
uint32_t sim_labelled_count(const sim_population_t *population, sim_chain_t chain);
/* Some wallet of a category on the chain. */
sim_wallet_t sim_wallet_of_category(const sim_population_t *population, sim_chain_t chain,
                                    const char *category, sim_random_t *random);

/* A transfer as any day has them: who, to whom, how much in US dollars. Few are very busy. */
typedef struct {
    sim_wallet_t src, dst;
    sim_asset_t asset;
    double amount_usd;
} sim_payment_t;

void sim_payment_draw(const sim_population_t *population, sim_random_t *random, sim_payment_t *payment);
sim_chain_t sim_chain_draw(sim_random_t *random);
sim_asset_t sim_asset_draw(sim_random_t *random, sim_chain_t chain);
/* In units of the asset, rounded as it is written, never 0. */
double sim_amount(sim_asset_t asset, double usd);
