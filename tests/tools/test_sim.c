#include "common/hash.h"
#include "tests/support/suite.h"
#include "tools/sim.h"
#include "tools/sim_pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TRANSFERS = 60000, PATTERNS_MAX = 1000 };

static const sim_options_t usual = {
    .seed = 7,
    .run = "s7",
    .wallet_count = 2000,
    .pattern_share = 0.05,
    .count = TRANSFERS,
    .start_ms = 1767225600000,
};

/* Owned by the caller. */
static sim_transfer_t *stream_of(const sim_options_t *options, size_t count) {
    sim_transfer_t *transfers = calloc(count, sizeof *transfers);
    sim_t *sim = sim_new(options);
    for (size_t i = 0; i < count; i++) sim_next(sim, 0, &transfers[i]);
    sim_free(sim);
    return transfers;
}

START_TEST(the_same_seed_gives_the_same_stream) {
    sim_transfer_t *first = stream_of(&usual, TRANSFERS), *second = stream_of(&usual, TRANSFERS);
    for (int i = 0; i < TRANSFERS; i++) {
        ck_assert_str_eq(first[i].tx_id, second[i].tx_id);
        ck_assert_str_eq(first[i].src, second[i].src);
        ck_assert_str_eq(first[i].dst, second[i].dst);
        ck_assert_double_eq(first[i].amount, second[i].amount);
        ck_assert_int_eq(first[i].timestamp_ms, second[i].timestamp_ms);
        ck_assert_str_eq(first[i].pattern_id, second[i].pattern_id);
    }
    free(first);
    free(second);
}
END_TEST

START_TEST(another_run_has_the_same_labels_and_other_transfers) {
    sim_options_t other = usual;
    other.run = "r8";
    sim_t *sims[] = {sim_new(&usual), sim_new(&other)};
    sim_label_t labels[2];
    uint32_t count = 0;
    for (; sim_label(sims[0], count, &labels[0]); count++) {
        ck_assert(sim_label(sims[1], count, &labels[1]));
        ck_assert_str_eq(labels[0].wallet, labels[1].wallet);
        ck_assert_str_eq(labels[0].category, labels[1].category);
    }
    ck_assert_uint_gt(count, 20);
    sim_transfer_t transfers[2];
    int same = 0;
    for (int i = 0; i < 1000; i++) {
        for (int j = 0; j < 2; j++) sim_next(sims[j], 0, &transfers[j]);
        ck_assert_str_ne(transfers[0].tx_id, transfers[1].tx_id);
        same += strcmp(transfers[0].src, transfers[1].src) == 0 && transfers[0].amount == transfers[1].amount;
    }
    ck_assert_int_lt(same, 10);
    for (int j = 0; j < 2; j++) sim_free(sims[j]);
}
END_TEST

static void check_address(const char *address, sim_asset_t asset) {
    static const struct {
        const char *prefix;
        size_t size;
    } forms[] = {{"bc1q", 42}, {"1", 34}, {"3", 34}, {"0x", 42}, {"T", 34}, {"ltc1q", 43}};
    static const int first[CHAIN_COUNT] = {0, 3, 4, 5}, last[CHAIN_COUNT] = {2, 3, 4, 5};
    sim_chain_t chain = sim_assets[asset].chain;
    bool fits = false;
    for (int i = first[chain]; i <= last[chain]; i++)
        fits = fits || (strncmp(address, forms[i].prefix, strlen(forms[i].prefix)) == 0 &&
                        strlen(address) == forms[i].size);
    ck_assert_msg(fits, "%s is no address of %s", address, sim_assets[asset].name);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

START_TEST(every_transfer_is_sound) {
    sim_transfer_t *transfers = stream_of(&usual, TRANSFERS);
    const char **ids = calloc(TRANSFERS, sizeof *ids);
    for (int i = 0; i < TRANSFERS; i++) {
        const sim_transfer_t *transfer = &transfers[i];
        ids[i] = transfer->tx_id;
        ck_assert(isfinite(transfer->amount) && transfer->amount > 0);
        ck_assert_str_ne(transfer->src, transfer->dst);
        ck_assert_int_eq(transfer->src_size, (int)strlen(transfer->src));
        check_address(transfer->src, transfer->asset);
        check_address(transfer->dst, transfer->asset);
        ck_assert_int_ge(transfer->timestamp_ms, i ? transfers[i - 1].timestamp_ms : usual.start_ms);
        ck_assert_int_eq(transfer->typology != NULL, transfer->pattern_id[0] != '\0');
    }
    qsort(ids, TRANSFERS, sizeof *ids, by_text);
    for (int i = 1; i < TRANSFERS; i++) ck_assert_str_ne(ids[i - 1], ids[i]);
    free(ids);
    free(transfers);
}
END_TEST

START_TEST(patterns_have_about_the_share_that_is_asked) {
    static const double shares[] = {0, 0.01, 0.1, 0.5};
    for (int i = 0; i < 4; i++) {
        sim_options_t options = usual;
        options.pattern_share = shares[i];
        sim_transfer_t *transfers = stream_of(&options, TRANSFERS);
        int planted = 0;
        for (int j = 0; j < TRANSFERS; j++) planted += transfers[j].typology != NULL;
        double wanted = shares[i] * TRANSFERS;
        ck_assert_double_le(fabs(planted - wanted), 0.05 * wanted + (wanted > 0 ? SIM_STEPS_MAX : 0));
        free(transfers);
    }
}
END_TEST

/* One pattern's transfers, in the order of the stream. */
typedef struct {
    const sim_transfer_t *steps[SIM_STEPS_MAX];
    int count;
} pattern_t;

/* Owned by the caller: by number from 1, PATTERNS_MAX + 1 of them. */
static pattern_t *patterns_of(const sim_transfer_t *transfers, int count) {
    pattern_t *patterns = calloc(PATTERNS_MAX + 1, sizeof *patterns);
    for (int i = 0; i < count; i++) {
        if (!transfers[i].typology) continue;
        int number = atoi(strstr(transfers[i].pattern_id, "-p") + 2);
        ck_assert(number >= 1 && number <= PATTERNS_MAX);
        pattern_t *pattern = &patterns[number];
        ck_assert_int_lt(pattern->count, SIM_STEPS_MAX);
        if (pattern->count) ck_assert_str_eq(pattern->steps[0]->typology, transfers[i].typology);
        pattern->steps[pattern->count++] = &transfers[i];
    }
    return patterns;
}

static int senders(const pattern_t *pattern, const char *dst) {
    int count = 0;
    for (int i = 0; i < pattern->count; i++) count += strcmp(pattern->steps[i]->dst, dst) == 0;
    return count;
}

static int receivers(const pattern_t *pattern, const char *src) {
    int count = 0;
    for (int i = 0; i < pattern->count; i++) count += strcmp(pattern->steps[i]->src, src) == 0;
    return count;
}

/* Each step goes on from where the one before ended. */
static void check_chain(const pattern_t *pattern, int least) {
    ck_assert_int_ge(pattern->count, least);
    for (int i = 1; i < pattern->count; i++) {
        ck_assert_str_eq(pattern->steps[i - 1]->dst, pattern->steps[i]->src);
        ck_assert_double_lt(pattern->steps[i]->amount, pattern->steps[i - 1]->amount);
    }
}

static const char *category_of(const sim_t *sim, const char *wallet) {
    sim_label_t label;
    static char category[32];
    for (uint32_t i = 0; sim_label(sim, i, &label); i++) {
        if (strcmp(label.wallet, wallet) == 0) return strcpy(category, label.category);
    }
    return "";
}

/* The one wallet that sends and receives most of it. */
static const char *middle_of(const pattern_t *pattern) {
    for (int i = 0; i < pattern->count; i++) {
        const char *wallet = pattern->steps[i]->dst;
        if (senders(pattern, wallet) > 5 && receivers(pattern, wallet) > 5) return wallet;
    }
    return "";
}

static void check_structuring(const pattern_t *pattern) {
    ck_assert_int_ge(pattern->count, 4);
    for (int i = 0; i < pattern->count; i++) {
        ck_assert_str_eq(pattern->steps[i]->src, pattern->steps[0]->src);
        ck_assert(pattern->steps[i]->amount >= 8000 && pattern->steps[i]->amount < 10000);
    }
}

static void check_peel_chain(const pattern_t *pattern, const sim_t *sim) {
    ck_assert_int_ge(pattern->count, 12);
    for (int i = 0; i < pattern->count; i += 2) {
        const sim_transfer_t *peeled = pattern->steps[i], *rest = pattern->steps[i + 1];
        ck_assert_str_eq(peeled->src, rest->src);
        ck_assert_str_eq(category_of(sim, peeled->dst), "exchange");
        ck_assert_double_gt(rest->amount, 5 * peeled->amount);
        if (i) ck_assert_str_eq(pattern->steps[i - 1]->dst, rest->src);
    }
}

static void check_scatter_gather(const pattern_t *pattern) {
    const char *from = pattern->steps[0]->src, *to = pattern->steps[pattern->count - 1]->dst;
    ck_assert_int_ge(receivers(pattern, from), 10);
    ck_assert_int_eq(receivers(pattern, from), senders(pattern, to));
    ck_assert_int_eq(pattern->count, 2 * senders(pattern, to));
}

static void check_mixer_use(const pattern_t *pattern, const sim_t *sim) {
    int into = 0;
    for (int i = 0; i < pattern->count; i++) {
        bool in = strcmp(category_of(sim, pattern->steps[i]->dst), "mixer") == 0;
        ck_assert(in || strcmp(category_of(sim, pattern->steps[i]->src), "mixer") == 0);
        ck_assert_double_eq(pattern->steps[i]->amount, pattern->steps[0]->amount);
        into += in;
    }
    ck_assert_int_ge(into, 3);
    ck_assert_int_eq(pattern->count, 2 * into);
}

static void check_shape(const pattern_t *pattern, const sim_t *sim) {
    const char *typology = pattern->steps[0]->typology;
    const sim_transfer_t *first = pattern->steps[0], *last = pattern->steps[pattern->count - 1];
    if (strcmp(typology, "fan_in") == 0) {
        ck_assert_int_ge(pattern->count, 12);
        ck_assert_int_eq(senders(pattern, first->dst), pattern->count);
    } else if (strcmp(typology, "fan_out") == 0) {
        ck_assert_int_ge(pattern->count, 12);
        ck_assert_int_eq(receivers(pattern, first->src), pattern->count);
    } else if (strcmp(typology, "gather_scatter") == 0) {
        const char *middle = middle_of(pattern);
        ck_assert_int_eq(senders(pattern, middle) + receivers(pattern, middle), pattern->count);
    } else if (strcmp(typology, "scatter_gather") == 0) {
        check_scatter_gather(pattern);
    } else if (strcmp(typology, "cycle") == 0) {
        check_chain(pattern, 3);
        ck_assert_str_eq(first->src, last->dst);
    } else if (strcmp(typology, "structuring") == 0) {
        check_structuring(pattern);
    } else if (strcmp(typology, "peel_chain") == 0) {
        check_peel_chain(pattern, sim);
    } else if (strcmp(typology, "rapid_pass_through") == 0) {
        check_chain(pattern, 3);
        ck_assert_int_lt(last->timestamp_ms - first->timestamp_ms, 3600000);
    } else if (strcmp(typology, "exposure_sanctioned") == 0) {
        check_chain(pattern, 2);
        ck_assert_str_eq(category_of(sim, first->src), "sanctioned");
        ck_assert_str_eq(category_of(sim, last->dst), "exchange");
    } else {
        ck_assert_str_eq(typology, "mixer_use");
        check_mixer_use(pattern, sim);
    }
}

START_TEST(every_planted_pattern_is_complete_and_of_the_shape_it_says) {
    sim_transfer_t *transfers = stream_of(&usual, TRANSFERS);
    pattern_t *patterns = patterns_of(transfers, TRANSFERS);
    sim_t *sim = sim_new(&usual);
    int count = 0;
    for (; patterns[count + 1].count; count++) check_shape(&patterns[count + 1], sim);
    ck_assert_int_ge(count, 10 * SIM_TYPOLOGY_COUNT);
    for (int i = count + 1; i <= PATTERNS_MAX; i++) ck_assert_int_eq(patterns[i].count, 0);
    for (int i = 0; i < SIM_TYPOLOGY_COUNT; i++)
        ck_assert_str_eq(patterns[i + 1].steps[0]->typology, sim_typologies[i].typology);
    sim_free(sim);
    free(patterns);
    free(transfers);
}
END_TEST

START_TEST(live_patterns_take_minutes_and_happen_now) {
    sim_options_t options = usual;
    options.live = true;
    options.count = 0;
    sim_t *sim = sim_new(&options);
    sim_transfer_t *transfers = calloc(TRANSFERS, sizeof *transfers);
    int64_t now_ms = INT64_C(1800000000000);
    for (int i = 0; i < TRANSFERS; i++, now_ms += 5) {
        sim_next(sim, now_ms, &transfers[i]);
        ck_assert_int_le(transfers[i].timestamp_ms, now_ms);
        ck_assert_int_ge(transfers[i].timestamp_ms, now_ms - 1000);
    }
    pattern_t *patterns = patterns_of(transfers, TRANSFERS);
    int complete = 0;
    for (int i = 1; i <= PATTERNS_MAX && patterns[i].count; i++) {
        const pattern_t *pattern = &patterns[i];
        int64_t took_ms = pattern->steps[pattern->count - 1]->timestamp_ms - pattern->steps[0]->timestamp_ms;
        ck_assert_int_lt(took_ms, 5 * 60000);
        complete += pattern->steps[0]->timestamp_ms < now_ms - 3 * 60000;
    }
    ck_assert_int_gt(complete, 10);
    free(patterns);
    free(transfers);
    sim_free(sim);
}
END_TEST

static int downwards(const void *a, const void *b) { return *(const int *)b - *(const int *)a; }

START_TEST(few_wallets_are_very_busy_and_many_are_quiet) {
    enum { SLOTS = 1 << 16 };
    int *counts = calloc(SLOTS, sizeof *counts), wallets = 0;
    sim_transfer_t *transfers = stream_of(&usual, TRANSFERS);
    for (int i = 0; i < TRANSFERS; i++) counts[hash64(transfers[i].src, strlen(transfers[i].src)) % SLOTS]++;
    qsort(counts, SLOTS, sizeof *counts, downwards);
    while (wallets < SLOTS && counts[wallets]) wallets++;
    ck_assert_int_gt(wallets, 2000);
    ck_assert_int_gt(counts[0], 50 * counts[wallets / 2]);
    free(transfers);
    free(counts);
}
END_TEST

START_TEST(nights_are_quieter_than_days) {
    sim_options_t options = usual;
    options.pattern_share = 0;
    sim_transfer_t *transfers = stream_of(&options, TRANSFERS);
    int night = 0, day = 0;
    for (int i = 0; i < TRANSFERS; i++) {
        int64_t hour = transfers[i].timestamp_ms / 3600000 % 24;
        night += hour < 6;
        day += hour >= 12 && hour < 18;
    }
    ck_assert_int_gt(day, 2 * night);
    free(transfers);
}
END_TEST

int main(void) {
    return suite_run("sim",
                     (const TTest *const[]){
                         the_same_seed_gives_the_same_stream,
                         another_run_has_the_same_labels_and_other_transfers, every_transfer_is_sound,
                         patterns_have_about_the_share_that_is_asked,
                         every_planted_pattern_is_complete_and_of_the_shape_it_says,
                         live_patterns_take_minutes_and_happen_now,
                         few_wallets_are_very_busy_and_many_are_quiet, nights_are_quieter_than_days, NULL},
                     120);
}
