#include "tools/sim_pattern.h"

#include <assert.h>
#include <math.h>

static sim_wallet_t fresh(sim_plan_t *plan) {
    return (sim_wallet_t){plan->chain, true, (*plan->next_fresh)++};
}

static sim_wallet_t exchange(sim_plan_t *plan) {
    return sim_wallet_of_category(plan->population, plan->chain, "exchange", plan->random);
}

static void step(sim_plan_t *plan, double hours, sim_wallet_t src, sim_wallet_t dst, double usd) {
    assert(plan->step_count < SIM_STEPS_MAX && usd > 0);
    plan->steps[plan->step_count++] =
        (sim_step_t){hours * plan->hour_ms, src, dst, sim_amount(plan->asset, usd)};
}

static int between(sim_plan_t *plan, int least, int most) {
    return sim_random_between(plan->random, least, most);
}
static double range(sim_plan_t *plan, double least, double most) {
    return sim_random_range(plan->random, least, most);
}

static double about(sim_plan_t *plan, double usd) { return usd * exp(0.4 * sim_random_normal(plan->random)); }

/* Who passes value on keeps a little for it. */
static double passed_on(sim_plan_t *plan, double usd) { return usd * range(plan, 0.96, 0.995); }

/* Many pay one within hours. Returns what arrived. */
static double gather(sim_plan_t *plan, double from_hours, double to_hours, int count,
                     sim_wallet_t collector) {
    double total = 0;
    for (int i = 0; i < count; i++) {
        double usd = about(plan, 2500);
        step(plan, range(plan, from_hours, to_hours), fresh(plan), collector, usd);
        total += usd;
    }
    return total;
}

/* One pays many within hours. */
static void scatter(sim_plan_t *plan, double from_hours, double to_hours, int count, sim_wallet_t spreader,
                    double usd) {
    for (int i = 0; i < count; i++) {
        step(plan, range(plan, from_hours, to_hours), spreader, fresh(plan),
             usd / count * range(plan, 0.7, 1.3));
    }
}

static void plan_fan_in(sim_plan_t *plan) { gather(plan, 0, 10, between(plan, 12, 24), fresh(plan)); }

static void plan_fan_out(sim_plan_t *plan) {
    scatter(plan, 0, 10, between(plan, 12, 24), fresh(plan), about(plan, 40000));
}

static void plan_gather_scatter(sim_plan_t *plan) {
    sim_wallet_t middle = fresh(plan);
    double total = gather(plan, 0, 6, between(plan, 11, 16), middle);
    scatter(plan, 6.5, 12, between(plan, 11, 16), middle, passed_on(plan, total));
}

static void plan_scatter_gather(sim_plan_t *plan) {
    sim_wallet_t from = fresh(plan), to = fresh(plan);
    int count = between(plan, 11, 16);
    double each = about(plan, 60000) / count;
    for (int i = 0; i < count; i++) {
        sim_wallet_t middle = fresh(plan);
        double usd = each * range(plan, 0.7, 1.3), at = range(plan, 0, 5);
        step(plan, at, from, middle, usd);
        step(plan, at + range(plan, 0.5, 6), middle, to, passed_on(plan, usd));
    }
}

static void plan_cycle(sim_plan_t *plan) {
    sim_wallet_t first = fresh(plan), from = first;
    int count = between(plan, 3, 6);
    double usd = about(plan, 20000), at = 0;
    for (int i = 1; i <= count; i++) {
        sim_wallet_t to = i == count ? first : fresh(plan);
        step(plan, at, from, to, usd);
        at += range(plan, 0.3, 3);
        usd = passed_on(plan, usd);
        from = to;
    }
}

/* Just below the 10 000 from which amounts are reported: that is a number of the currency, whatever it is. */
static void plan_structuring(sim_plan_t *plan) {
    plan->chain = sim_random_chance(plan->random, 0.5) ? CHAIN_TRON : CHAIN_ETHEREUM;
    plan->asset = plan->chain == CHAIN_TRON ? ASSET_TRON_USDT : ASSET_USDT;
    sim_wallet_t from = fresh(plan), to[3] = {fresh(plan), fresh(plan), exchange(plan)};
    int count = between(plan, 4, 9);
    double at = 0;
    for (int i = 0; i < count; i++) {
        step(plan, at, from, to[between(plan, 0, 2)], range(plan, 8600, 9950));
        at += range(plan, 0.5, 4);
    }
}

static void plan_peel_chain(sim_plan_t *plan) {
    sim_wallet_t from = fresh(plan);
    int count = between(plan, 6, 14);
    double usd = about(plan, 250000), at = 0;
    for (int i = 0; i < count; i++) {
        sim_wallet_t rest = fresh(plan);
        double peeled = usd * range(plan, 0.04, 0.12);
        step(plan, at, from, exchange(plan), peeled);
        step(plan, at + 0.02, from, rest, usd - peeled);
        at += range(plan, 0.2, 1.5);
        usd -= peeled;
        from = rest;
    }
}

/* In and out again within minutes, several times over. */
static void plan_rapid_pass_through(sim_plan_t *plan) {
    sim_wallet_t from = fresh(plan);
    int count = between(plan, 3, 5);
    double usd = about(plan, 30000), at = 0;
    for (int i = 0; i < count; i++) {
        sim_wallet_t to = fresh(plan);
        step(plan, at, from, to, usd);
        at += range(plan, 0.02, 0.15);
        usd = passed_on(plan, usd);
        from = to;
    }
}

/* From a sanctioned wallet over some hops to an exchange. */
static void plan_exposure_sanctioned(sim_plan_t *plan) {
    sim_wallet_t from = sim_wallet_of_category(plan->population, plan->chain, "sanctioned", plan->random);
    int count = between(plan, 1, 4);
    double usd = about(plan, 80000), at = 0;
    for (int i = 0; i < count; i++) {
        sim_wallet_t to = fresh(plan);
        step(plan, at, from, to, usd);
        at += range(plan, 0.2, 3);
        usd = passed_on(plan, usd);
        from = to;
    }
    step(plan, at, from, exchange(plan), usd);
}

/* Equal denominations into a mixer, and out again to wallets without a past. */
static void plan_mixer_use(sim_plan_t *plan) {
    static const double denominations_usd[] = {3100, 31000};
    sim_wallet_t mixer = sim_wallet_of_category(plan->population, plan->chain, "mixer", plan->random),
                 from = fresh(plan);
    double usd = denominations_usd[between(plan, 0, 1)];
    int count = between(plan, 3, 7);
    for (int i = 0; i < count; i++) {
        double at = range(plan, 0, 3);
        step(plan, at, from, mixer, usd);
        step(plan, at + range(plan, 2, 10), mixer, fresh(plan), usd);
    }
}

const sim_typology_t sim_typologies[SIM_TYPOLOGY_COUNT] = {
    {"fan_in", plan_fan_in},
    {"exposure_sanctioned", plan_exposure_sanctioned},
    {"structuring", plan_structuring},
    {"fan_out", plan_fan_out},
    {"cycle", plan_cycle},
    {"scatter_gather", plan_scatter_gather},
    {"peel_chain", plan_peel_chain},
    {"gather_scatter", plan_gather_scatter},
    {"rapid_pass_through", plan_rapid_pass_through},
    {"mixer_use", plan_mixer_use},
};
