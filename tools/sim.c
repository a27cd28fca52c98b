#include "tools/sim.h"

#include "common/hash.h"
#include "tools/sim_pattern.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS 86400000.0

/* A pattern's twelve hours pass in a minute where somebody watches. */
static const double LIVE_HOUR_MS = 5000, HOUR_MS = 3600000;

enum { PAYMENTS_PER_WALLET_DAY = 3 };

typedef struct {
    double due_ms;
    uint64_t order; /* of what is due at the same time */
    sim_step_t step;
    sim_asset_t asset;
    uint64_t pattern;
    const char *typology;
} planned_t;

struct sim {
    sim_options_t options;
    char run[SIM_RUN_SIZE_MAX];
    sim_population_t population;
    sim_random_t random;
    double now_ms;
    int64_t last_ms;
    uint64_t emitted, planned, patterns, next_fresh;
    planned_t *heap; /* by due time, the next first */
    size_t heap_count, heap_capacity;
};

/* The heap of what is planned */

static bool is_before(const planned_t *a, const planned_t *b) {
    return a->due_ms < b->due_ms || (a->due_ms == b->due_ms && a->order < b->order);
}

static void heap_push(sim_t *sim, const planned_t *planned) {
    if (sim->heap_count == sim->heap_capacity) {
        sim->heap_capacity = sim->heap_capacity ? 2 * sim->heap_capacity : 1024;
        sim->heap = realloc(sim->heap, sim->heap_capacity * sizeof *sim->heap);
        if (!sim->heap) abort();
    }
    size_t at = sim->heap_count++;
    for (; at && is_before(planned, &sim->heap[(at - 1) / 2]); at = (at - 1) / 2)
        sim->heap[at] = sim->heap[(at - 1) / 2];
    sim->heap[at] = *planned;
}

static planned_t heap_pop(sim_t *sim) {
    planned_t top = sim->heap[0], last = sim->heap[--sim->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= sim->heap_count) break;
        if (child + 1 < sim->heap_count && is_before(&sim->heap[child + 1], &sim->heap[child])) child++;
        if (!is_before(&sim->heap[child], &last)) break;
        sim->heap[at] = sim->heap[child];
        at = child;
    }
    sim->heap[at] = last;
    return top;
}

sim_t *sim_new(const sim_options_t *options) {
    sim_t *sim = calloc(1, sizeof *sim);
    if (!sim) abort();
    assert(strlen(options->run) < SIM_RUN_SIZE_MAX);
    strcpy(sim->run, options->run);
    sim->options = *options;
    sim->options.run = sim->run;
    uint64_t run = hash64(sim->run, strlen(sim->run));
    sim_population_init(&sim->population, options->seed, run, options->wallet_count);
    sim->random.state = sim_random_mix(options->seed, run);
    sim->now_ms = (double)options->start_ms;
    return sim;
}

void sim_free(sim_t *sim) {
    if (!sim) return;
    free(sim->heap);
    free(sim);
}

/* Patterns */

static void plant(sim_t *sim) {
    const sim_typology_t *typology = &sim_typologies[sim->patterns % SIM_TYPOLOGY_COUNT];
    sim_plan_t plan = {
        .population = &sim->population,
        .random = &sim->random,
        .hour_ms = sim->options.live ? LIVE_HOUR_MS : HOUR_MS,
        .next_fresh = &sim->next_fresh,
        .chain = sim_chain_draw(&sim->random),
    };
    plan.asset = sim_asset_draw(&sim->random, plan.chain);
    typology->plan(&plan);
    sim->patterns++;
    for (int i = 0; i < plan.step_count; i++) {
        planned_t planned = {sim->now_ms + plan.steps[i].at_ms,
                             sim->planned++,
                             plan.steps[i],
                             plan.asset,
                             sim->patterns,
                             typology->typology};
        heap_push(sim, &planned);
    }
}

static uint64_t remaining(const sim_t *sim) {
    return sim->options.count > sim->emitted ? sim->options.count - sim->emitted : 0;
}

/* Whenever patterns lag behind their share, and where one more can be completed. */
static bool may_plant(const sim_t *sim) {
    bool lags = sim->options.pattern_share * (double)(sim->emitted + 1) > (double)sim->planned;
    return lags && (!sim->options.count || sim->heap_count + SIM_STEPS_MAX <= remaining(sim));
}

/* Time */

static double rhythm(double ms) {
    double day = fmod(ms, DAY_MS) / DAY_MS;
    int weekday = (int)fmod(floor(ms / DAY_MS), 7); /* 0: Thursday */
    double weekend = weekday == 2 || weekday == 3 ? 0.7 : 1;
    return weekend * (1 + 0.6 * sin(2 * 3.14159265358979323846 * (day - 0.375)));
}

static double next_payment_ms(sim_t *sim, int64_t now_ms) {
    if (sim->options.live) return fmax((double)now_ms, sim->now_ms);
    double a_day = (double)sim->options.wallet_count * PAYMENTS_PER_WALLET_DAY * rhythm(sim->now_ms);
    return sim->now_ms + sim_random_exponential(&sim->random) * DAY_MS / a_day;
}

/* Transfers */

static void write_transfer(sim_t *sim, sim_transfer_t *transfer, sim_wallet_t src, sim_wallet_t dst) {
    int64_t ms = (int64_t)sim->now_ms;
    sim->last_ms = transfer->timestamp_ms = ms > sim->last_ms ? ms : sim->last_ms;
    snprintf(transfer->tx_id, sizeof transfer->tx_id, "%s-%" PRIu64, sim->run, ++sim->emitted);
    transfer->src_size = sim_wallet_address(&sim->population, src, transfer->src);
    sim_wallet_address(&sim->population, dst, transfer->dst);
}

static void take_planned(sim_t *sim, sim_transfer_t *transfer) {
    planned_t planned = heap_pop(sim);
    sim->now_ms = fmax(sim->now_ms, planned.due_ms);
    transfer->asset = planned.asset;
    transfer->amount = planned.step.amount;
    transfer->typology = planned.typology;
    snprintf(transfer->pattern_id, sizeof transfer->pattern_id, "%s-p%" PRIu64, sim->run, planned.pattern);
    write_transfer(sim, transfer, planned.step.src, planned.step.dst);
}

void sim_next(sim_t *sim, int64_t now_ms, sim_transfer_t *transfer) {
    if (sim->options.live && (double)now_ms > sim->now_ms) sim->now_ms = (double)now_ms;
    while (may_plant(sim)) plant(sim);
    double next_ms = next_payment_ms(sim, now_ms);
    bool must_complete = sim->options.count && sim->heap_count >= remaining(sim);
    if (sim->heap_count && (must_complete || sim->heap[0].due_ms <= next_ms)) {
        take_planned(sim, transfer);
        return;
    }
    sim_payment_t payment;
    sim->now_ms = next_ms;
    sim_payment_draw(&sim->population, &sim->random, &payment);
    transfer->asset = payment.asset;
    transfer->amount = sim_amount(payment.asset, payment.amount_usd);
    transfer->typology = NULL;
    transfer->pattern_id[0] = '\0';
    write_transfer(sim, transfer, payment.src, payment.dst);
}

bool sim_label(const sim_t *sim, uint32_t index, sim_label_t *label) {
    for (sim_chain_t chain = 0; chain < CHAIN_COUNT; chain++) {
        uint32_t labelled = sim_labelled_count(&sim->population, chain);
        if (index < labelled) {
            sim_wallet_t wallet = {chain, false, index};
            sim_wallet_address(&sim->population, wallet, label->wallet);
            label->category = sim_wallet_category(&sim->population, wallet);
            return true;
        }
        index -= labelled;
    }
    return false;
}
