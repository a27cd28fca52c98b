/* Exposures, totals, counts and degrees against a breadth-first search and plain sums over the whole
 * graph. */
#include "risk/limits.h"
#include "support_fixture.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WALLETS_MAX = 700, TRANSFERS_MAX = 3000, NAME_SIZE = 16, NONE = 99 };
enum { T0 = 1700000000, RULES_TEXT_SIZE = 512 };

static const char *const risk_categories[] = {"sanctioned", "mixer", "darknet"};
static const char *const all_categories[] = {"sanctioned", "mixer", "darknet", "exchange"};
enum { RISK_CATEGORIES = 3, MIXER = 1, EXCHANGE = 3, UNLABELLED = -1 };

typedef struct {
    int src, dst;
    double amount;
    int64_t ms;
} move_t;

static const char *const directions[] = {"source", "destination", "either"};
enum { SOURCE, DESTINATION, EITHER, DIRECTIONS };

typedef struct {
    uint64_t random;
    int nearest, max_hops, task_count;
    bool follows[DIRECTIONS];
    bool mixer_is_service, exchange_is_service;
    int reloads;
    int wallet_count;
    char names[WALLETS_MAX][NAME_SIZE];
    int labels[WALLETS_MAX];      /* as they are now, of all_categories */
    int confidences[WALLETS_MAX]; /* in hundredths */
    bool labelled[WALLETS_MAX];   /* now or before */
    int label_changes;
    int move_count;
    move_t moves[TRANSFERS_MAX];
} world_t;

static world_t world;

static int below(int limit) { return (int)random_below(&world.random, (uint32_t)limit); }

static bool is_service(int wallet) {
    return (world.labels[wallet] == MIXER && world.mixer_is_service) ||
           (world.labels[wallet] == EXCHANGE && world.exchange_is_service);
}

/* Names of different lengths, some of which begin others, so that the order of names matters. */
static void make_names(void) {
    for (int i = 0; i < world.wallet_count; i++)
        snprintf(world.names[i], NAME_SIZE, "%c%d", "wab"[i * 7 % 3], i * 37 % 1009);
}

/* What exposure is, from the seed. */
static void draw_rules(void) {
    world.nearest = 1 + below(5);
    world.max_hops = 1 + below(5);
    for (int i = 0; i < DIRECTIONS; i++) world.follows[i] = below(4) > 0;
    world.mixer_is_service = below(4) > 0;
    world.exchange_is_service = below(4) > 0;
}

static void make_world(uint64_t seed, int wallet_count, int move_count, int label_changes) {
    memset(&world, 0, sizeof world);
    world.random = seed;
    world.task_count = 1 + below(5);
    world.wallet_count = wallet_count;
    world.move_count = move_count;
    world.label_changes = label_changes;
    make_names();
    draw_rules();
    for (int i = 0; i < wallet_count; i++) world.labels[i] = UNLABELLED;
    for (int i = 0; i < move_count; i++) {
        move_t *move = &world.moves[i];
        *move = (move_t){below(wallet_count), below(wallet_count), below(4000) / 4.0,
                         (T0 + below(100000)) * INT64_C(1000)};
    }
}

static void rules_text(char text[RULES_TEXT_SIZE]) {
    snprintf(
        text, RULES_TEXT_SIZE,
        "{\"exposure\": {\"nearest\": %d, \"max_hops\": %d, \"source\": %d, \"destination\": %d, "
        "\"either\": %d}, \"categories\": {\"mixer\": {\"service\": %s}, \"exchange\": {\"service\": %s}}}",
        world.nearest, world.max_hops, world.follows[SOURCE], world.follows[DESTINATION],
        world.follows[EITHER], world.mixer_is_service ? "true" : "false",
        world.exchange_is_service ? "true" : "false");
}

static fixture_t *make_fixture(void) {
    char path[] = "/tmp/test_exposure_XXXXXX", text[RULES_TEXT_SIZE];
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    rules_text(text);
    ck_assert_int_gt(dprintf(file, "%s", text), 0);
    close(file);
    fixture_t *fixture = fixture_new(path, world.task_count, world.random | 1);
    unlink(path);
    return fixture;
}

static void change_rules(fixture_t *fixture) {
    char text[RULES_TEXT_SIZE], command[RULES_TEXT_SIZE + 64];
    draw_rules();
    rules_text(text);
    snprintf(command, sizeof command, "{\"command\": \"reload\", \"rules\": %s}", text);
    ck_assert_ptr_null(fixture_command(fixture, "run", command, ++world.reloads));
}

/* A label, another, another confidence, or none any more. */
static void change_label(fixture_t *fixture) {
    /* Few wallets, so that they change often; some of them in the middle of things. */
    int wallet = below(world.wallet_count < 12 ? world.wallet_count : 12), label = below(6);
    char value[64];
    world.labelled[wallet] |= label < 4;
    world.labels[wallet] = label < 4 ? label : UNLABELLED;
    world.confidences[wallet] = below(3) ? 100 : below(101);
    if (label < 4)
        snprintf(value, sizeof value, "{\"category\":\"%s\",\"confidence\":%.2f}", all_categories[label],
                 world.confidences[wallet] / 100.0);
    ck_assert_ptr_null(fixture_label(fixture, world.names[wallet], label < 4 ? value : NULL));
}

static void apply_move(fixture_t *fixture, int index) {
    const move_t *move = &world.moves[index];
    char tx_id[NAME_SIZE];
    snprintf(tx_id, sizeof tx_id, "t%d", index);
    fixture_transfer(fixture, tx_id, world.names[move->src], world.names[move->dst], move->amount, move->ms);
}

/* Transfers and changes of labels and rules in any order, with events delivered and commits made at any point
 * between.
 */
static void play(fixture_t *fixture) {
    static int steps[2 * TRANSFERS_MAX]; /* a move, or -1 for a change of a label */
    int count = 0;
    for (int i = 0; i < world.label_changes; i++) steps[count++] = -1;
    for (int i = 0; i < world.move_count; i++) steps[count++] = i;
    for (int i = count - 1; i > 0; i--) {
        int other = below(i + 1), step = steps[i];
        steps[i] = steps[other];
        steps[other] = step;
    }
    for (int i = 0; i < count; i++) {
        if (steps[i] < 0)
            change_label(fixture);
        else
            apply_move(fixture, steps[i]);
        if (below(10) == 0) apply_move(fixture, below(world.move_count)); /* now or again */
        if (below(60) == 0) change_rules(fixture);
        if (below(3)) fixture_deliver(fixture, (size_t)below(6));
        if (below(8) == 0) fixture_commit_once(fixture);
        if (below(24) == 0) fixture_commit(fixture);
    }
    fixture_commit(fixture);
}

/* Whether the move is a way that exposure of this direction takes, and between whom: `from` passes it on. */
static bool is_way(const move_t *move, int direction, bool back, int *from, int *to) {
    if (back != (direction == DESTINATION) && direction != EITHER) return false;
    *from = back ? move->dst : move->src;
    *to = back ? move->src : move->dst;
    return true;
}

/* Hops from `label` to every wallet. */
static void search(int label, int direction, int hops[WALLETS_MAX]) {
    int from, to;
    for (int i = 0; i < world.wallet_count; i++) hops[i] = NONE;
    hops[label] = 0;
    for (int depth = 0; depth < world.max_hops; depth++) {
        for (int i = 0; i < 2 * world.move_count; i++) {
            if (!is_way(&world.moves[i / 2], direction, i % 2, &from, &to)) continue;
            if (hops[from] != depth || (from != label && is_service(from))) continue;
            if (hops[to] > depth + 1) hops[to] = depth + 1;
        }
    }
}

/* The neighbour, first by name, that a shortest way comes through; -1 at the label itself. */
static int search_via(int label, int direction, int wallet, const int hops[WALLETS_MAX]) {
    int via = -1, from, to;
    for (int i = 0; i < 2 * world.move_count; i++) {
        if (!is_way(&world.moves[i / 2], direction, i % 2, &from, &to)) continue;
        if (to != wallet || hops[from] + 1 != hops[wallet] || (from != label && is_service(from))) continue;
        if (via < 0 || strcmp(world.names[from], world.names[via]) < 0) via = from;
    }
    return via;
}

static int (*all_hops)[WALLETS_MAX]; /* of each labelled wallet */

/* The wallet's exposures of a direction, as text: direction category label hops via confidence; … */
static void expected_exposures(int wallet, int direction, buf_t *out) {
    for (int category = 0; category < RISK_CATEGORIES; category++) {
        static bool taken[WALLETS_MAX];
        memset(taken, 0, sizeof taken);
        for (int k = 0; k < world.nearest; k++) {
            int best = -1;
            for (int label = 0; label < world.wallet_count; label++) {
                if (world.labels[label] != category || taken[label] || all_hops[label][wallet] == NONE)
                    continue;
                int order = best < 0 ? -1 : all_hops[label][wallet] - all_hops[best][wallet];
                if (order < 0 || (order == 0 && strcmp(world.names[label], world.names[best]) < 0))
                    best = label;
            }
            if (best < 0) break;
            taken[best] = true;
            int via = best == wallet ? -1 : search_via(best, direction, wallet, all_hops[best]);
            buf_printf(out, "%s %s %s %d %s %d; ", directions[direction], risk_categories[category],
                       world.names[best], all_hops[best][wallet], via < 0 ? "-" : world.names[via],
                       world.confidences[best]);
        }
    }
    buf_cstr(out);
}

static void actual_exposures(const json_t *wallet, const char *direction, buf_t *out) {
    size_t index;
    const json_t *exposure;
    json_array_foreach(json_object_get(wallet, "exposures"), index, exposure) {
        const char *its = json_string_value(json_object_get(exposure, "direction"));
        if (direction && strcmp(its, direction) != 0) continue;
        const char *via = json_string_value(json_object_get(exposure, "via"));
        const json_t *confidence = json_object_get(exposure, "confidence");
        /* What depends on the order of arrival has no place here. */
        ck_assert_uint_eq(json_object_size(exposure), 4u + (via != NULL) + (confidence != NULL));
        buf_printf(out, "%s %s %s %d %s %d; ", its, json_string_value(json_object_get(exposure, "category")),
                   json_string_value(json_object_get(exposure, "label")),
                   (int)json_integer_value(json_object_get(exposure, "hops")), via ? via : "-",
                   confidence ? (int)lround(100 * json_number_value(confidence)) : 100);
    }
    buf_cstr(out);
}

static void check_exposures(fixture_t *fixture, const char *name, const char *direction,
                            const char *expected) {
    json_t *json = fixture_wallet(fixture, name);
    buf_t actual = {0};
    actual_exposures(json, direction, &actual);
    ck_assert_msg(!strcmp(expected, actual.data), "wallet %s:\n  expected %s\n  actual   %s", name, expected,
                  actual.data);
    buf_clear(&actual);
    json_decref(json);
}

static void check_number(const json_t *wallet, const char *key, double expected, uint64_t seed) {
    double actual = json_number_value(json_object_get(wallet, key));
    ck_assert_msg(actual == expected, "seed %lu, wallet %s: %s is %g, not %g", (unsigned long)seed,
                  json_string_value(json_object_get(wallet, "wallet")), key, actual, expected);
}

static void check_sums(const json_t *json, int wallet, uint64_t seed) {
    static bool senders[WALLETS_MAX], receivers[WALLETS_MAX];
    int sent = 0, received = 0, in_degree = 0, out_degree = 0;
    double sent_total = 0, received_total = 0;
    memset(senders, 0, sizeof senders);
    memset(receivers, 0, sizeof receivers);
    for (int i = 0; i < world.move_count; i++) {
        const move_t *move = &world.moves[i];
        if (move->src == wallet) {
            sent++;
            sent_total += move->amount; /* quarters: exact */
            out_degree += !receivers[move->dst];
            receivers[move->dst] = true;
        }
        if (move->dst == wallet) {
            received++;
            received_total += move->amount;
            in_degree += !senders[move->src];
            senders[move->src] = true;
        }
    }
    check_number(json, "sent_count", sent, seed);
    check_number(json, "received_count", received, seed);
    check_number(json, "sent_total", sent_total, seed);
    check_number(json, "received_total", received_total, seed);
    check_number(json, "out_degree", out_degree, seed);
    check_number(json, "in_degree", in_degree, seed);
}

static bool is_used(int wallet) {
    if (world.labelled[wallet]) return true;
    for (int i = 0; i < world.move_count; i++)
        if (world.moves[i].src == wallet || world.moves[i].dst == wallet) return true;
    return false;
}

static void check_direction(fixture_t *fixture, int direction, uint64_t seed) {
    all_hops = calloc(WALLETS_MAX, sizeof *all_hops);
    ck_assert_ptr_nonnull(all_hops);
    for (int i = 0; i < world.wallet_count; i++)
        if (world.labels[i] != UNLABELLED) search(i, direction, all_hops[i]);
    for (int i = 0; i < world.wallet_count; i++) {
        json_t *json = fixture_wallet(fixture, world.names[i]);
        buf_t expected = {0}, actual = {0};
        if (world.follows[direction]) expected_exposures(i, direction, &expected);
        actual_exposures(json, directions[direction], &actual);
        ck_assert_msg(!strcmp(buf_cstr(&expected), actual.data),
                      "seed %lu, wallet %s:\n  expected %s\n  actual   %s", (unsigned long)seed,
                      world.names[i], expected.data, actual.data);
        buf_clear(&expected);
        buf_clear(&actual);
        json_decref(json);
    }
    free(all_hops);
    all_hops = NULL;
}

static void check_world(fixture_t *fixture, uint64_t seed) {
    for (int i = 0; i < world.wallet_count; i++) {
        json_t *json = fixture_wallet(fixture, world.names[i]);
        ck_assert_msg(is_used(i) == (json != NULL), "seed %lu, wallet %s", (unsigned long)seed,
                      world.names[i]);
        if (json) check_sums(json, i, seed);
        json_decref(json);
    }
    for (int direction = 0; direction < DIRECTIONS; direction++) check_direction(fixture, direction, seed);
}

/* The last record that went out for a wallet says what its live record says. */
static void check_emitted(fixture_t *fixture, uint64_t seed) {
    json_t *newest = json_object();
    size_t index;
    json_t *score;
    json_array_foreach(fixture_emitted(fixture, TOPIC_SCORES), index, score) {
        const char *wallet = json_string_value(json_object_get(score, "wallet"));
        const json_t *before = json_object_get(newest, wallet);
        json_int_t version = before ? json_integer_value(json_object_get(before, "version")) : 0;
        ck_assert_int_eq(json_integer_value(json_object_get(score, "version")), version + 1);
        json_object_set(newest, wallet, score);
    }
    const char *wallet;
    json_object_foreach(newest, wallet, score) {
        json_t *live = fixture_wallet(fixture, wallet);
        json_object_del(score, "_key");
        json_object_set_new(score, "tx_id", json_null());
        /* Scores follow other rules when there is something else to tell, exposures at once. */
        bool same = world.reloads
                        ? json_equal(json_object_get(live, "exposures"), json_object_get(score, "exposures"))
                        : json_equal(live, score);
        ck_assert_msg(same, "seed %lu, wallet %s: what went out last is not what is known",
                      (unsigned long)seed, wallet);
        json_decref(live);
    }
    json_decref(newest);
}

static void run(uint64_t seed, int wallet_count, int move_count, int label_changes) {
    make_world(seed, wallet_count, move_count, label_changes);
    fixture_t *fixture = make_fixture();
    play(fixture);
    check_world(fixture, seed);
    check_emitted(fixture, seed);
    fixture_free(fixture);
}

START_TEST(exposures_and_sums_are_those_of_the_whole_graph) {
    const uint64_t first = random_seed(3000);
    printf("seeds %lu to %lu\n", (unsigned long)first, (unsigned long)first + 299);
    for (uint64_t seed = first; seed < first + 300; seed++) {
        uint64_t random = seed;
        int wallet_count = 2 + (int)(random_next(&random) % 40);
        int move_count = 1 + (int)(random_next(&random) % (uint64_t)(wallet_count * 3));
        run(seed, wallet_count, move_count, 1 + (int)(random_next(&random) % 40));
    }
}
END_TEST

START_TEST(a_hub_tells_all_its_neighbours_in_pages) {
    const uint64_t first = random_seed(20260203);
    printf("seeds %lu to %lu\n", (unsigned long)first, (unsigned long)first + 5);
    for (uint64_t seed = first; seed < first + 6; seed++) {
        make_world(seed, WALLETS_MAX, 2000, 12);
        /* Wallet 0 and a few others pay nearly everybody, so that sweeps of several pages overlap with new
         * neighbours. */
        for (int i = 0; i < 1600; i++) world.moves[i].src = below(20) ? 0 : below(5);
        fixture_t *fixture = make_fixture();
        play(fixture);
        check_world(fixture, seed);
        fixture_free(fixture);
    }
}
END_TEST

START_TEST(a_change_in_the_middle_of_a_sweep_reaches_everybody) {
    enum { NEIGHBOURS = 2 * PUSH_PAGE_EDGES + 100 };
    fixture_t *fixture = fixture_new(NULL, 1, 0);
    char tx_id[NAME_SIZE], name[NAME_SIZE];
    for (int i = 0; i < NEIGHBOURS; i++) {
        snprintf(tx_id, sizeof tx_id, "t%d", i);
        snprintf(name, sizeof name, "w%d", i);
        fixture_transfer(fixture, tx_id, "hub", name, 1, T0);
    }
    fixture_transfer(fixture, "ta", "a", "hub", 1, T0);
    fixture_transfer(fixture, "tb", "b", "hub", 1, T0);
    fixture_commit(fixture);
    fixture_label(fixture, "a", "{\"category\":\"sanctioned\"}");
    fixture_commit_once(fixture);
    fixture_deliver(fixture, 1); /* the hub learns of a */
    fixture_commit_once(fixture);
    fixture_deliver(fixture, 1); /* first page */
    fixture_label(fixture, "b", "{\"category\":\"sanctioned\"}");
    fixture_commit_once(fixture);
    fixture_deliver(fixture,
                    PUSH_PAGE_EDGES + 2); /* what the page said, the second page, and the hub learns of b */
    fixture_commit(fixture);
    for (int i = 0; i < NEIGHBOURS; i++) {
        snprintf(name, sizeof name, "w%d", i);
        check_exposures(fixture, name, NULL,
                        "source sanctioned a 2 hub 100; source sanctioned b 2 hub 100; ");
    }
    /* One sweep that went on, not one for each change: less than three times round. */
    ck_assert_uint_lt(fixture_counters(fixture).exposure_updates, 3 * NEIGHBOURS);
    fixture_free(fixture);
}
END_TEST

START_TEST(a_label_after_the_transfers_counts_at_once_downstream) {
    fixture_t *fixture = fixture_new(NULL, 3, 0);
    fixture_transfer(fixture, "t1", "thief", "mule", 5, T0 * INT64_C(1000));
    fixture_transfer(fixture, "t2", "mule", "shop", 5, T0 * INT64_C(1000) + 1);
    fixture_commit(fixture);
    ck_assert_ptr_null(
        fixture_label(fixture, "thief", "{\"category\":\"theft\",\"source\":\"police\",\"confidence\":0.9}"));
    fixture_commit(fixture);
    check_exposures(fixture, "shop", NULL, "source theft thief 2 mule 90; ");
    json_t *shop = fixture_wallet(fixture, "shop");
    ck_assert_str_eq(
        json_string_value(json_object_get(json_array_get(json_object_get(shop, "reasons"), 0), "code")),
        "exposure_theft");
    json_decref(shop);
    fixture_free(fixture);
}
END_TEST

START_TEST(value_that_goes_to_a_label_is_exposure_too) {
    fixture_t *fixture = fixture_new(NULL, 3, 0);
    fixture_transfer(fixture, "t1", "payer", "mule", 5, T0 * INT64_C(1000));
    fixture_label(fixture, "thief", "{\"category\":\"theft\"}");
    fixture_transfer(fixture, "t2", "mule", "thief", 5, T0 * INT64_C(1000) + 1);
    fixture_commit(fixture);
    check_exposures(fixture, "payer", NULL, "destination theft thief 2 mule 100; ");
    check_exposures(fixture, "mule", NULL, "destination theft thief 1 thief 100; ");
    json_t *mule = fixture_wallet(fixture, "mule");
    /* Half of theft's 0.9, at one hop 0.6. */
    ck_assert_double_eq(json_number_value(json_object_get(mule, "score")), 27);
    ck_assert_str_eq(
        json_string_value(json_object_get(json_array_get(json_object_get(mule, "reasons"), 0), "code")),
        "exposure_to_theft");
    json_decref(mule);
    const json_t *alert = json_array_get(fixture_emitted(fixture, TOPIC_ALERTS), 0);
    ck_assert_str_eq(json_string_value(json_object_get(alert, "typology")), "exposure_to_theft");
    ck_assert_str_eq(json_string_value(json_object_get(alert, "wallet")), "mule");
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(alert, "tx_ids"), 0)), "t2");
    fixture_free(fixture);
}
END_TEST

START_TEST(a_service_passes_on_only_its_own_label) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    fixture_label(fixture, "exchange", "{\"category\":\"exchange\"}");
    fixture_label(fixture, "mixer", "{\"category\":\"mixer\"}");
    fixture_label(fixture, "bad", "{\"category\":\"sanctioned\"}");
    fixture_transfer(fixture, "t1", "bad", "exchange", 1, 1);
    fixture_transfer(fixture, "t2", "bad", "mixer", 1, 2);
    fixture_transfer(fixture, "t3", "exchange", "alice", 1, 3);
    fixture_transfer(fixture, "t4", "mixer", "bob", 1, 4);
    fixture_commit(fixture);
    check_exposures(fixture, "exchange", "source", "source sanctioned bad 1 bad 100; ");
    check_exposures(fixture, "alice", "source", "");
    check_exposures(fixture, "bob", "source", "source mixer mixer 1 mixer 100; ");
    fixture_free(fixture);
}
END_TEST

START_TEST(a_withdrawn_label_goes_from_everybody_and_makes_room) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    char name[NAME_SIZE], tx_id[NAME_SIZE];
    /* More labels than a list holds, all of them two hops from the shop; the first by name goes. */
    for (int i = 0; i < 9; i++) {
        snprintf(name, sizeof name, "bad%d", i);
        fixture_label(fixture, name, "{\"category\":\"scam\"}");
        snprintf(tx_id, sizeof tx_id, "t%d", i);
        fixture_transfer(fixture, tx_id, name, "mule", 1, 1);
    }
    fixture_transfer(fixture, "t10", "mule", "shop", 1, 2);
    fixture_commit(fixture);
    fixture_label(fixture, "bad0", NULL);
    fixture_commit(fixture);
    buf_t expected = {0};
    for (int i = 1; i < 9; i++) buf_printf(&expected, "source scam bad%d 2 mule 100; ", i);
    check_exposures(fixture, "shop", NULL, buf_cstr(&expected));
    check_exposures(fixture, "bad0", NULL, "");
    buf_clear(&expected);
    fixture_free(fixture);
}
END_TEST

START_TEST(a_wallet_that_becomes_a_service_takes_back_what_went_through_it) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    fixture_label(fixture, "bad", "{\"category\":\"sanctioned\"}");
    fixture_transfer(fixture, "t1", "bad", "hot", 1, 1);
    fixture_transfer(fixture, "t2", "hot", "alice", 1, 2);
    fixture_commit(fixture);
    check_exposures(fixture, "alice", NULL, "source sanctioned bad 2 hot 100; ");
    fixture_label(fixture, "hot", "{\"category\":\"exchange\"}");
    fixture_commit(fixture);
    check_exposures(fixture, "alice", NULL, "");
    check_exposures(fixture, "hot", NULL, "source sanctioned bad 1 bad 100; ");
    fixture_label(fixture, "hot", NULL);
    fixture_commit(fixture);
    check_exposures(fixture, "alice", NULL, "source sanctioned bad 2 hot 100; ");
    fixture_free(fixture);
}
END_TEST

START_TEST(withdrawn_labels_do_not_live_on_in_a_ring) {
    fixture_t *fixture = fixture_new(NULL, 1, 0);
    char tx_id[NAME_SIZE], src[NAME_SIZE], dst[NAME_SIZE];
    fixture_label(fixture, "bad", "{\"category\":\"sanctioned\"}");
    fixture_transfer(fixture, "t", "bad", "r0", 1, 1);
    for (int i = 0; i < 3; i++) {
        snprintf(tx_id, sizeof tx_id, "t%d", i);
        snprintf(src, sizeof src, "r%d", i);
        snprintf(dst, sizeof dst, "r%d", (i + 1) % 3);
        fixture_transfer(fixture, tx_id, src, dst, 1, 2);
    }
    fixture_commit(fixture);
    check_exposures(fixture, "r2", "source", "source sanctioned bad 3 r1 100; ");
    fixture_label(fixture, "bad", NULL);
    fixture_commit(fixture);
    for (int i = 0; i < 3; i++) {
        snprintf(src, sizeof src, "r%d", i);
        check_exposures(fixture, src, NULL, "");
    }
    fixture_free(fixture);
}
END_TEST

START_TEST(an_unsure_label_weighs_less) {
    fixture_t *fixture = fixture_new(NULL, 1, 0);
    fixture_transfer(fixture, "t1", "rumour", "alice", 1, 1);
    fixture_transfer(fixture, "t2", "known", "mule", 1, 1);
    fixture_transfer(fixture, "t3", "mule", "alice", 1, 1);
    fixture_commit(fixture);
    /* After the transfers, so that there is no taint. */
    fixture_label(fixture, "rumour", "{\"category\":\"sanctioned\",\"confidence\":0.25}");
    fixture_label(fixture, "known", "{\"category\":\"sanctioned\"}");
    fixture_commit(fixture);
    static const struct {
        const char *wallet;
        double score;
    } expected[] = {{"rumour", 25}, {"known", 100}, {"alice", 35}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        json_t *json = fixture_wallet(fixture, expected[i].wallet);
        ck_assert_double_eq(json_number_value(json_object_get(json, "score")), expected[i].score);
        json_decref(json);
    }
    check_exposures(fixture, "alice", "source",
                    "source sanctioned rumour 1 rumour 25; source sanctioned known 2 mule 100; ");
    fixture_free(fixture);
}
END_TEST

START_TEST(an_update_that_changes_nothing_emits_nothing) {
    fixture_t *fixture = fixture_new(NULL, 1, 0);
    fixture_label(fixture, "bad", "{\"category\":\"sanctioned\"}");
    fixture_transfer(fixture, "t1", "bad", "alice", 1, 1);
    fixture_transfer(fixture, "t2", "alice", "bad", 1, 2);
    fixture_commit(fixture);
    uint64_t scores = fixture_counters(fixture).scores;
    fixture_label(fixture, "bad", "{\"category\":\"sanctioned\"}");
    fixture_commit(fixture);
    ck_assert_uint_eq(fixture_counters(fixture).scores, scores);
    fixture_free(fixture);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        exposures_and_sums_are_those_of_the_whole_graph,
        a_hub_tells_all_its_neighbours_in_pages,
        a_change_in_the_middle_of_a_sweep_reaches_everybody,
        a_label_after_the_transfers_counts_at_once_downstream,
        a_service_passes_on_only_its_own_label,
        value_that_goes_to_a_label_is_exposure_too,
        a_withdrawn_label_goes_from_everybody_and_makes_room,
        a_wallet_that_becomes_a_service_takes_back_what_went_through_it,
        withdrawn_labels_do_not_live_on_in_a_ring,
        an_unsure_label_weighs_less,
        an_update_that_changes_nothing_emits_nothing,
        NULL,
    };
    return suite_run("exposure", tests, 200);
}
