#include "risk/detectors.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 400 };

#define HOUR_MS INT64_C(3600000)

static case_graph_t graph;

static void setup(void) { graph = (case_graph_t){0}; }

static void pay(int from, int to, double amount) {
    case_graph_add(&graph, &(case_edge_t){.from = (uint8_t)from,
                                          .to = (uint8_t)to,
                                          .bits = 8,
                                          .amount = amount,
                                          .ms = graph.edge_count * HOUR_MS});
    int nodes = (from > to ? from : to) + 1;
    if (graph.node_count < nodes) graph.node_count = nodes;
}

static case_pattern_t find(detector_id_t id) {
    double parameters[DETECTOR_PARAMETERS_MAX] = {0};
    for (int i = 0; i < DETECTOR_PARAMETERS_MAX && detectors[id].parameters[i].key; i++)
        parameters[i] = detectors[id].parameters[i].standard;
    return detectors[id].find(&graph, parameters);
}

static void check_none(detector_id_t id) { ck_assert(find(id).strength == 0); }

/* With all transfers in it. */
static void check_whole(detector_id_t id, double value, double strength) {
    case_pattern_t found = find(id);
    ck_assert_double_eq(found.value, value);
    ck_assert_double_eq(found.strength, strength);
    ck_assert_int_eq(case_edges_count(found.edges), graph.edge_count);
}

START_TEST(a_ring_is_a_cycle_and_stronger_in_time_order_with_amounts_that_fit) {
    pay(2, 0, 100);
    pay(0, 1, 100);
    pay(3, 2, 100);
    check_none(DETECTOR_CYCLE);
    pay(1, 3, 100);
    check_whole(DETECTOR_CYCLE, 4, 0.5);
    setup();
    for (int i = 0; i < 12; i++) pay(i, (i + 1) % 12, 100 + 50 * (i % 2));
    check_whole(DETECTOR_CYCLE, 12, 0.75);
    setup();
    for (int i = 0; i < 5; i++) pay(i, (i + 1) % 5, 100 - i);
    ck_assert(find(DETECTOR_CYCLE).strength == 1);
    setup();
    for (int i = 0; i < 13; i++) pay(i, (i + 1) % 13, 100);
    check_none(DETECTOR_CYCLE);
}
END_TEST

START_TEST(what_is_split_and_put_together_is_a_scatter_gather) {
    for (int middle = 1; middle <= 3; middle++) pay(0, middle, 10);
    pay(1, 4, 10);
    check_none(DETECTOR_SCATTER_GATHER);
    pay(2, 4, 10);
    case_pattern_t found = find(DETECTOR_SCATTER_GATHER);
    ck_assert(found.value == 2 && found.strength == 0.5f);
    pay(3, 4, 10);
    found = find(DETECTOR_SCATTER_GATHER);
    ck_assert(found.value == 3);
    ck_assert_int_eq(case_edges_count(found.edges), graph.edge_count);
}
END_TEST

START_TEST(middles_that_pay_before_they_are_paid_are_no_scatter_gather) {
    for (int middle = 1; middle <= 3; middle++) pay(middle, 4, 10);
    for (int middle = 1; middle <= 3; middle++) pay(0, middle, 10);
    check_none(DETECTOR_SCATTER_GATHER);
}
END_TEST

START_TEST(three_in_and_then_three_out_are_a_gather_scatter) {
    for (int i = 1; i <= 3; i++) pay(i, 0, 10);
    for (int i = 4; i <= 5; i++) pay(0, i, 10);
    check_none(DETECTOR_GATHER_SCATTER);
    pay(0, 6, 10);
    check_whole(DETECTOR_GATHER_SCATTER, 3, 0.5);
    setup();
    for (int i = 4; i <= 6; i++) pay(0, i, 10);
    for (int i = 1; i <= 3; i++) pay(i, 0, 10);
    check_none(DETECTOR_GATHER_SCATTER);
}
END_TEST

START_TEST(two_that_pay_the_same_two_are_bipartite) {
    pay(0, 2, 10);
    pay(0, 3, 10);
    pay(1, 2, 10);
    check_none(DETECTOR_BIPARTITE);
    pay(1, 3, 10);
    check_whole(DETECTOR_BIPARTITE, 4, 0.5);
    check_none(DETECTOR_STACK);
}
END_TEST

START_TEST(layer_upon_layer_is_a_stack) {
    for (int from = 0; from < 2; from++)
        for (int to = 2; to < 4; to++) pay(from, to, 10);
    for (int from = 2; from < 4; from++)
        for (int to = 4; to < 6; to++) pay(from, to, 10);
    check_whole(DETECTOR_STACK, 2, 0.5);
}
END_TEST

START_TEST(each_hop_a_little_less_is_a_peel_chain) {
    static const double amounts[] = {1000, 950, 910, 890};
    for (int i = 0; i < 4; i++) pay(i, i + 1, amounts[i]);
    check_whole(DETECTOR_PEEL_CHAIN, 4, 0.5);
    setup();
    static const double others[] = {1000, 950, 990, 100};
    for (int i = 0; i < 4; i++) pay(i, i + 1, others[i]);
    check_none(DETECTOR_PEEL_CHAIN);
}
END_TEST

START_TEST(a_chain_is_in_time_order_and_does_not_rest) {
    for (int i = 0; i < 4; i++) pay(i, i + 1, 10 + 90 * (i % 2));
    check_whole(DETECTOR_CHAIN, 4, 0.5);
    for (int i = 2; i < 4; i++) graph.edges[i].ms += 100 * HOUR_MS;
    check_none(DETECTOR_CHAIN);
    setup();
    for (int i = 4; i > 0; i--) pay(i - 1, i, 10);
    check_none(DETECTOR_CHAIN);
}
END_TEST

START_TEST(a_network_grows_with_its_bits) {
    pay(0, 1, 10);
    pay(2, 1, 10);
    check_none(DETECTOR_NETWORK);
    pay(2, 3, 10);
    float three = find(DETECTOR_NETWORK).strength;
    ck_assert(three > 0);
    pay(4, 3, 10);
    ck_assert(find(DETECTOR_NETWORK).strength > three);
}
END_TEST

static void random_graph(uint64_t *random, int nodes, int edges) {
    setup();
    for (int tries = 0; tries < 200 && graph.edge_count < edges; tries++) {
        int from = (int)random_below(random, (uint32_t)nodes),
            to = (int)random_below(random, (uint32_t)nodes);
        if (from != to && case_graph_edge(&graph, from, to) < 0) pay(from, to, 10);
    }
}

/* All rings, by trying each order of wallets: the length of the longest, 0 for none. */
static int longest_ring(int *path, int length, int least) {
    int longest = 0;
    if (length >= least && case_graph_edge(&graph, path[length - 1], path[0]) >= 0) longest = length;
    for (int next = 0; next < graph.node_count && length < 12; next++) {
        bool used = length > 0 && case_graph_edge(&graph, path[length - 1], next) < 0;
        for (int i = 0; i < length; i++) used |= path[i] == next;
        if (used) continue;
        path[length] = next;
        int found = longest_ring(path, length + 1, least);
        if (found > longest) longest = found;
    }
    return longest;
}

static bool is_ring(case_edges_t edges) {
    int first = __builtin_ctzll(edges), node = graph.edges[first].to, length = 1;
    while (node != graph.edges[first].from && length <= 12) {
        case_edges_t next = graph.out[node] & edges;
        if (case_edges_count(next) != 1) return false;
        node = graph.edges[__builtin_ctzll(next)].to;
        length++;
    }
    return length == case_edges_count(edges);
}

START_TEST(a_cycle_is_found_exactly_where_there_is_one) {
    uint64_t random = random_seed(11);
    int with = 0;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t seed = random;
        int path[12];
        random_graph(&random, 3 + (int)random_below(&random, 5), (int)random_below(&random, 12));
        int longest = longest_ring(path, 0, 3);
        case_pattern_t found = find(DETECTOR_CYCLE);
        ck_assert_msg((found.strength > 0) == (longest > 0), "seed %lu", seed);
        if (!longest) continue;
        with++;
        ck_assert_msg(is_ring(found.edges), "seed %lu", seed);
        if (found.strength == 0.5f) ck_assert_msg((int)found.value == longest, "seed %lu", seed);
    }
    ck_assert_int_gt(with, ROUNDS / 10);
}
END_TEST

/* The most middles between any two wallets. */
static int most_middles(void) {
    int most = 0;
    for (int source = 0; source < graph.node_count; source++)
        for (int sink = 0; sink < graph.node_count; sink++) {
            int middles = 0;
            for (int middle = 0; middle < graph.node_count && source != sink; middle++) {
                int in = case_graph_edge(&graph, source, middle), out = case_graph_edge(&graph, middle, sink);
                middles += in >= 0 && out >= 0 && graph.edges[in].ms <= graph.edges[out].ms;
            }
            if (middles > most) most = middles;
        }
    return most;
}

START_TEST(a_scatter_gather_is_found_exactly_where_there_is_one) {
    uint64_t random = random_seed(12);
    int with = 0;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t seed = random;
        random_graph(&random, 4 + (int)random_below(&random, 6), (int)random_below(&random, 40));
        int most = most_middles();
        case_pattern_t found = find(DETECTOR_SCATTER_GATHER);
        ck_assert_msg((int)found.value == (most >= 2 ? most : 0), "%g of %d; seed %lu", (double)found.value,
                      most, seed);
        ck_assert_msg(case_edges_count(found.edges) == 2 * (int)found.value, "seed %lu", seed);
        with += most >= 2;
    }
    ck_assert_int_gt(with, ROUNDS / 10);
}
END_TEST

START_TEST(a_case_as_dense_as_can_be_is_judged_in_bounded_time) {
    for (int from = 0; from < 7; from++)
        for (int to = 0; to < 7; to++)
            if (from != to && graph.edge_count < CASE_TRANSFERS_MAX) pay(from, to, 10);
    for (int id = 0; id < DETECTOR_COUNT; id++)
        if (detectors[id].side == SIDE_CASE)
            for (int i = 0; i < 100; i++) find((detector_id_t)id);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        a_ring_is_a_cycle_and_stronger_in_time_order_with_amounts_that_fit,
        what_is_split_and_put_together_is_a_scatter_gather,
        middles_that_pay_before_they_are_paid_are_no_scatter_gather,
        three_in_and_then_three_out_are_a_gather_scatter,
        two_that_pay_the_same_two_are_bipartite,
        layer_upon_layer_is_a_stack,
        each_hop_a_little_less_is_a_peel_chain,
        a_chain_is_in_time_order_and_does_not_rest,
        a_network_grows_with_its_bits,
        a_cycle_is_found_exactly_where_there_is_one,
        a_scatter_gather_is_found_exactly_where_there_is_one,
        a_case_as_dense_as_can_be_is_judged_in_bounded_time,
        NULL,
    };
    TCase *group = suite_group("case patterns", tests, 60);
    tcase_add_checked_fixture(group, setup, NULL);
    return suite_run_groups("case_patterns", (TCase *const[]){group, NULL});
}
