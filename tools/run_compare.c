#include "tools/run_compare.h"

#include "risk/rules_fields.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

typedef struct {
    UT_hash_handle hh;
    double scores[2];
    bool has[2];
    level_t levels[2];
    char wallet[];
} pair_t;

struct run_compare {
    const char *run_ids[2];
    char *told[2];
    pair_t *pairs;
};

run_compare_t *run_compare_new(const char *run_id, const char *other) {
    run_compare_t *compare = calloc(1, sizeof *compare);
    if (!compare) abort();
    compare->run_ids[0] = run_id;
    compare->run_ids[1] = other;
    return compare;
}

void run_compare_free(run_compare_t *compare) {
    pair_t *pair, *next;
    HASH_ITER(hh, compare->pairs, pair, next) {
        HASH_DEL(compare->pairs, pair);
        free(pair);
    }
    free(compare->told[0]);
    free(compare->told[1]);
    free(compare);
}

const char *run_compare_told(const run_compare_t *compare, int index) { return compare->told[index]; }

static pair_t *pair_of(run_compare_t *compare, const char *wallet) {
    pair_t *pair;
    HASH_FIND_STR(compare->pairs, wallet, pair);
    if (pair) return pair;
    size_t size = strlen(wallet) + 1;
    pair = calloc(1, sizeof *pair + size);
    if (!pair) abort();
    memcpy(pair->wallet, wallet, size);
    HASH_ADD_STR(compare->pairs, wallet, pair);
    return pair;
}

static level_t level_of(const json_t *record) {
    const char *name = json_string_value(json_object_get(record, "level"));
    int level = LEVEL_COUNT - 1;
    while (level > 0 && (!name || strcmp(level_names[level], name) != 0)) level--;
    return (level_t)level;
}

static void take(run_compare_t *compare, int index, const json_t *record, const char *json, size_t size) {
    const char *wallet = json_string_value(json_object_get(record, "wallet"));
    if (!wallet) {
        free(compare->told[index]);
        compare->told[index] = strndup(json, size);
        return;
    }
    pair_t *pair = pair_of(compare, wallet);
    pair->has[index] = true;
    pair->scores[index] = json_number_value(json_object_get(record, "score"));
    pair->levels[index] = level_of(record);
}

void run_compare_take(run_compare_t *compare, const char *json, size_t size) {
    json_t *record = json_loadb(json, size, 0, NULL);
    const char *run_id = json_string_value(json_object_get(record, "run_id"));
    for (int i = 0; i < 2; i++)
        if (run_id && compare->run_ids[i] && strcmp(compare->run_ids[i], run_id) == 0)
            take(compare, i, record, json, size);
    json_decref(record);
}

/* A wallet that only one run has counts as 0 in the other. */
static double moved(const pair_t *pair) { return pair->scores[1] - pair->scores[0]; }

static int by_score(const pair_t *a, const pair_t *b) {
    if (a->scores[0] != b->scores[0]) return a->scores[0] < b->scores[0] ? 1 : -1;
    return strcmp(a->wallet, b->wallet);
}

static int by_move(const pair_t *a, const pair_t *b) {
    double left = fabs(moved(a)), right = fabs(moved(b));
    if (left != right) return left < right ? 1 : -1;
    return strcmp(a->wallet, b->wallet);
}

static void add_one(const pair_t *pair, bool json, buf_t *out) {
    if (!json) {
        buf_printf(out, "%6.2f  %-8s  %s\n", pair->scores[0], level_names[pair->levels[0]], pair->wallet);
        return;
    }
    buf_add_str(out, "{\"wallet\":");
    buf_add_json_str(out, pair->wallet, strlen(pair->wallet));
    buf_add_str(out, ",\"score\":");
    buf_add_double(out, pair->scores[0]);
    buf_printf(out, ",\"level\":\"%s\"}", level_names[pair->levels[0]]);
}

static void add_side(const pair_t *pair, int index, buf_t *out) {
    if (!pair->has[index]) {
        buf_add_str(out, "null");
        return;
    }
    buf_add_str(out, "{\"score\":");
    buf_add_double(out, pair->scores[index]);
    buf_printf(out, ",\"level\":\"%s\"}", level_names[pair->levels[index]]);
}

static void add_both(const pair_t *pair, bool json, buf_t *out) {
    if (!json) {
        buf_printf(out, "%+7.2f  %6.2f %-8s → %6.2f %-8s  %s\n", moved(pair), pair->scores[0],
                   pair->has[0] ? level_names[pair->levels[0]] : "-", pair->scores[1],
                   pair->has[1] ? level_names[pair->levels[1]] : "-", pair->wallet);
        return;
    }
    buf_add_str(out, "{\"wallet\":");
    buf_add_json_str(out, pair->wallet, strlen(pair->wallet));
    buf_add_str(out, ",\"a\":");
    add_side(pair, 0, out);
    buf_add_str(out, ",\"b\":");
    add_side(pair, 1, out);
    buf_add_char(out, '}');
}

void run_compare_add_top(run_compare_t *compare, size_t limit, bool json, buf_t *out) {
    HASH_SORT(compare->pairs, by_score);
    if (json) buf_add_char(out, '[');
    size_t count = 0;
    for (const pair_t *pair = compare->pairs; pair && count < limit; pair = pair->hh.next) {
        if (json && count) buf_add_char(out, ',');
        add_one(pair, json, out);
        count++;
    }
    if (json) buf_add_char(out, ']');
}

typedef struct {
    unsigned long long both, only[2], differ, rose, fell;
    unsigned long long moves[LEVEL_COUNT][LEVEL_COUNT]; /* from, to */
} counts_t;

static counts_t count_all(const run_compare_t *compare) {
    counts_t counts = {0};
    for (const pair_t *pair = compare->pairs; pair; pair = pair->hh.next) {
        if (!pair->has[0] || !pair->has[1]) {
            counts.only[pair->has[1]]++;
            continue;
        }
        counts.both++;
        counts.differ += moved(pair) != 0;
        counts.rose += moved(pair) > 0;
        counts.fell += moved(pair) < 0;
        counts.moves[pair->levels[0]][pair->levels[1]]++;
    }
    return counts;
}

static void add_counts(const counts_t *counts, bool json, buf_t *out) {
    buf_printf(out,
               json ? "{\"wallets\":%llu,\"only_a\":%llu,\"only_b\":%llu,\"differ\":%llu,\"rose\":%llu,"
                      "\"fell\":%llu,\"level_moves\":["
                    : "%llu wallets in both, %llu only in A, %llu only in B; %llu differ: %llu rose, %llu "
                      "fell\n",
               counts->both, counts->only[0], counts->only[1], counts->differ, counts->rose, counts->fell);
    const char *between = "";
    for (int from = 0; from < LEVEL_COUNT; from++)
        for (int to = 0; to < LEVEL_COUNT; to++) {
            if (from == to || !counts->moves[from][to]) continue;
            if (json)
                buf_printf(out, "%s{\"from\":\"%s\",\"to\":\"%s\",\"wallets\":%llu}", between,
                           level_names[from], level_names[to], counts->moves[from][to]);
            else
                buf_printf(out, "  %-8s → %-8s %llu\n", level_names[from], level_names[to],
                           counts->moves[from][to]);
            between = ",";
        }
    if (json) buf_add_str(out, "]");
}

void run_compare_add_diff(run_compare_t *compare, size_t limit, bool json, buf_t *out) {
    counts_t counts = count_all(compare);
    HASH_SORT(compare->pairs, by_move);
    add_counts(&counts, json, out);
    if (json) buf_add_str(out, ",\"most\":[");
    size_t count = 0;
    for (const pair_t *pair = compare->pairs; pair && count < limit && moved(pair) != 0;
         pair = pair->hh.next) {
        if (json && count) buf_add_char(out, ',');
        add_both(pair, json, out);
        count++;
    }
    if (json) buf_add_str(out, "]}");
}
