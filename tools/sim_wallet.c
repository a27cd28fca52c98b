#include "tools/sim_wallet.h"

#include <assert.h>
#include <math.h>
#include <string.h>

const sim_asset_info_t sim_assets[ASSET_COUNT] = {
    [ASSET_BTC] = {"BTC", CHAIN_BITCOIN, 64000, 8}, [ASSET_ETH] = {"ETH", CHAIN_ETHEREUM, 3100, 6},
    [ASSET_USDT] = {"USDT", CHAIN_ETHEREUM, 1, 2},  [ASSET_USDC] = {"USDC", CHAIN_ETHEREUM, 1, 2},
    [ASSET_TRON_USDT] = {"USDT", CHAIN_TRON, 1, 2}, [ASSET_LTC] = {"LTC", CHAIN_LITECOIN, 82, 8},
};

static const double chain_shares[CHAIN_COUNT] = {
    [CHAIN_BITCOIN] = 0.3, [CHAIN_ETHEREUM] = 0.45, [CHAIN_TRON] = 0.2, [CHAIN_LITECOIN] = 0.05};

/* Labelled wallets of each chain that are no hubs, in this order. */
static const struct {
    const char *category;
    uint32_t count;
} specials[] = {{"sanctioned", 6}, {"mixer", 2}, {"darknet", 2},
                {"scam", 2},       {"theft", 1}, {"ransomware", 1}};

enum { SPECIAL_KINDS = sizeof specials / sizeof *specials, PEOPLE_PER_HUB = 1500, CONTACTS_MAX = 6 };

static uint32_t special_count(void) {
    uint32_t count = 0;
    for (int i = 0; i < SPECIAL_KINDS; i++) count += specials[i].count;
    return count;
}

void sim_population_init(sim_population_t *population, uint64_t seed, uint64_t run, uint32_t wallet_count) {
    *population = (sim_population_t){.seed = seed, .run = run};
    for (sim_chain_t chain = 0; chain < CHAIN_COUNT; chain++) {
        uint32_t people = (uint32_t)(wallet_count * chain_shares[chain]);
        if (people < 2 * CONTACTS_MAX) people = 2 * CONTACTS_MAX;
        population->people_counts[chain] = people;
        population->hub_counts[chain] =
            people / PEOPLE_PER_HUB > SIM_HUBS_MIN ? people / PEOPLE_PER_HUB : SIM_HUBS_MIN;
    }
}

/* Addresses */

static uint64_t wallet_hash(const sim_population_t *population, sim_wallet_t wallet) {
    uint64_t place = wallet.number * 16 + wallet.chain * 2 + wallet.fresh;
    return sim_random_mix(population->seed ^ (wallet.fresh ? population->run : 0), place);
}

static int put(char *out, const char *prefix, const char *alphabet, int count, sim_random_t random) {
    int size = (int)strlen(prefix), letters = (int)strlen(alphabet);
    memcpy(out, prefix, (size_t)size);
    for (int i = 0; i < count; i += 8) {
        uint64_t bits = sim_random_next(&random);
        for (int j = i; j < i + 8 && j < count; j++, bits >>= 8)
            out[size++] = alphabet[(bits & 255) % (uint64_t)letters];
    }
    out[size] = '\0';
    return size;
}

int sim_wallet_address(const sim_population_t *population, sim_wallet_t wallet,
                       char out[SIM_ADDRESS_SIZE_MAX]) {
    static const char base58[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    static const char bech32[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    sim_random_t random = {wallet_hash(population, wallet)};
    switch (wallet.chain) {
    case CHAIN_BITCOIN: {
        static const char *const prefixes[] = {"bc1q", "bc1q", "1", "3"};
        const char *prefix = prefixes[sim_random_below(&random, 4)];
        return put(out, prefix, prefix[1] ? bech32 : base58, prefix[1] ? 38 : 33, random);
    }
    case CHAIN_ETHEREUM: return put(out, "0x", "0123456789abcdef", 40, random);
    case CHAIN_TRON: return put(out, "T", base58, 33, random);
    case CHAIN_LITECOIN: return put(out, "ltc1q", bech32, 38, random);
    case CHAIN_COUNT: break;
    }
    assert(false);
    return 0;
}

/* Labels */

uint32_t sim_labelled_count(const sim_population_t *population, sim_chain_t chain) {
    return population->hub_counts[chain] + special_count();
}

const char *sim_wallet_category(const sim_population_t *population, sim_wallet_t wallet) {
    uint64_t number = wallet.number;
    if (wallet.fresh || number >= sim_labelled_count(population, wallet.chain)) return NULL;
    uint32_t hubs = population->hub_counts[wallet.chain];
    if (number < hubs) return number < hubs - hubs / 3 ? "exchange" : "service";
    number -= hubs;
    int kind = 0;
    while (number >= specials[kind].count) number -= specials[kind++].count;
    return specials[kind].category;
}

sim_wallet_t sim_wallet_of_category(const sim_population_t *population, sim_chain_t chain,
                                    const char *category, sim_random_t *random) {
    uint32_t matching[64], count = 0, labelled = sim_labelled_count(population, chain);
    for (uint32_t number = 0; number < labelled && count < 64; number++) {
        if (strcmp(sim_wallet_category(population, (sim_wallet_t){chain, false, number}), category) == 0)
            matching[count++] = number;
    }
    assert(count);
    return (sim_wallet_t){chain, false, matching[sim_random_below(random, count)]};
}

/* Payments */

sim_chain_t sim_chain_draw(sim_random_t *random) {
    double at = sim_random_unit(random);
    sim_chain_t chain = 0;
    while (chain + 1 < CHAIN_COUNT && at >= chain_shares[chain]) at -= chain_shares[chain++];
    return chain;
}

sim_asset_t sim_asset_draw(sim_random_t *random, sim_chain_t chain) {
    static const sim_asset_t ethereum[] = {ASSET_ETH, ASSET_ETH, ASSET_USDT, ASSET_USDT, ASSET_USDC};
    switch (chain) {
    case CHAIN_BITCOIN: return ASSET_BTC;
    case CHAIN_ETHEREUM: return ethereum[sim_random_below(random, 5)];
    case CHAIN_TRON: return ASSET_TRON_USDT;
    default: return ASSET_LTC;
    }
}

double sim_amount(sim_asset_t asset, double usd) {
    static const double scales[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
    double scale = scales[sim_assets[asset].decimals];
    double units = round(usd / sim_assets[asset].price_usd * scale);
    return (units < 1 ? 1 : units) / scale;
}

/* How busy people are falls off with their number, as one over its square root: of 10 000, the busiest is a
 * hundred times as busy as the quietest. */
static uint32_t person_draw(const sim_population_t *population, sim_chain_t chain, sim_random_t *random) {
    double at = sim_random_unit(random);
    return (uint32_t)(population->people_counts[chain] * at * at);
}

/* The first hub is the busiest: twice the second, three times the third. */
static uint32_t hub_draw(const sim_population_t *population, sim_chain_t chain, sim_random_t *random) {
    return (uint32_t)pow(population->hub_counts[chain] + 1.0, sim_random_unit(random)) - 1;
}

static sim_wallet_t person(const sim_population_t *population, sim_chain_t chain, uint32_t index) {
    return (sim_wallet_t){chain, false, sim_labelled_count(population, chain) + index};
}

/* The few that somebody pays again and again: neighbours by number, so that nobody has too many of them
 * either. */
static uint32_t contact_draw(const sim_population_t *population, sim_chain_t chain, uint32_t index,
                             sim_random_t *random) {
    static const int offsets[CONTACTS_MAX] = {1, -1, 2, -3, 4, -5};
    uint32_t people = population->people_counts[chain];
    uint32_t known = 2 + (uint32_t)(sim_random_mix(population->seed, index) % (CONTACTS_MAX - 1));
    int offset = offsets[sim_random_below(random, known)];
    return (index + people + (uint32_t)offset) % people;
}

static uint32_t stranger_draw(const sim_population_t *population, sim_chain_t chain, uint32_t index,
                              sim_random_t *random) {
    uint32_t people = population->people_counts[chain];
    return (index + 1 + sim_random_below(random, people - 1)) % people;
}

static uint32_t home_hub(const sim_population_t *population, sim_chain_t chain, uint32_t index) {
    return index % population->hub_counts[chain];
}

/* The one that somebody uses besides, for all that the home hub does not have. */
static uint32_t second_hub(const sim_population_t *population, sim_chain_t chain, uint32_t index) {
    sim_random_t own = {sim_random_mix(population->seed + 2, index)};
    return hub_draw(population, chain, &own);
}

static uint32_t client_draw(const sim_population_t *population, sim_chain_t chain, uint32_t hub,
                            sim_random_t *random) {
    uint32_t hubs = population->hub_counts[chain], index = person_draw(population, chain, random);
    index = index - index % hubs + hub;
    return index < population->people_counts[chain] ? index : hub;
}

/* What one person pays is log-normal around that person's own middle. */
static double amount_draw(const sim_population_t *population, uint32_t index, sim_random_t *random) {
    sim_random_t own = {sim_random_mix(population->seed + 1, index)};
    double middle = log(150) + 1.2 * sim_random_normal(&own);
    return exp(middle + 0.8 * sim_random_normal(random));
}

void sim_payment_draw(const sim_population_t *population, sim_random_t *random, sim_payment_t *payment) {
    sim_chain_t chain = sim_chain_draw(random);
    uint32_t index;
    payment->asset = sim_asset_draw(random, chain);
    if (sim_random_chance(random, 0.25)) {
        uint32_t hub = hub_draw(population, chain, random);
        index = client_draw(population, chain, hub, random);
        payment->src = (sim_wallet_t){chain, false, hub};
        payment->dst = person(population, chain, index);
    } else {
        index = person_draw(population, chain, random);
        payment->src = person(population, chain, index);
        double kind = sim_random_unit(random);
        if (kind < 0.55)
            payment->dst = person(population, chain, contact_draw(population, chain, index, random));
        else if (kind < 0.9)
            payment->dst = (sim_wallet_t){chain, false, home_hub(population, chain, index)};
        else if (kind < 0.99)
            payment->dst = (sim_wallet_t){chain, false, second_hub(population, chain, index)};
        else
            payment->dst = person(population, chain, stranger_draw(population, chain, index, random));
    }
    payment->amount_usd = amount_draw(population, index, random);
}
