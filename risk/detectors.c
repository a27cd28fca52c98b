#include "risk/detectors.h"

#include "risk/detectors/case_list.h"
#include "risk/detectors/detectors_list.h"
#include "risk/text.h"

#define WINDOW(hours_)                                                                                       \
    { "window_hours", hours_, 1, WINDOW_HOURS_MAX }

const detector_t detectors[DETECTOR_COUNT] = {
    [DETECTOR_FAN_IN] =
        {
            "fan_in",
            SIDE_RECEIVER,
            "senders",
            {{"weight", 0.5, 0, 1},
             WINDOW(96),
             {"min_counterparties", 10, 2, 1e5},
             {"min_share", 0.5, 0, 1},
             {"min_fresh", 4, 2, 1e5},
             {"min_digits", 3.5, 0.5, 50},
             {"min_value", 1, 0, 1e18}},
            fan_in_observe,
            fan_in_collect,
        },
    [DETECTOR_FAN_OUT] =
        {
            "fan_out",
            SIDE_SENDER,
            "receivers",
            {{"weight", 0.5, 0, 1},
             WINDOW(96),
             {"min_counterparties", 10, 2, 1e5},
             {"min_share", 0.5, 0, 1},
             {"min_fresh", 4, 2, 1e5},
             {"min_digits", 3.5, 0.5, 50},
             {"min_value", 1, 0, 1e18}},
            fan_out_observe,
            fan_out_collect,
        },
    [DETECTOR_STRUCTURING] =
        {
            "structuring",
            SIDE_SENDER,
            "transfers",
            {{"weight", 0.6, 0, 1},
             WINDOW(72),
             {"threshold", 10000, 1e-9, 1e18},
             {"band", 0.8, 0.5, 1},
             {"min_count", 3, 2, JOURNAL_MAX}},
            structuring_observe,
            structuring_collect,
        },
    [DETECTOR_VELOCITY] =
        {
            "velocity",
            SIDE_SENDER,
            "times_usual",
            {{"weight", 0.5, 0, 1},
             WINDOW(24),
             {"min_count", 12, 2, 1e5},
             {"min_history_days", 7, 1, 3660},
             {"min_factor", 5, 1, 1e6},
             {"min_digits", 4, 0.5, 50}},
            velocity_observe,
            velocity_collect,
        },
    [DETECTOR_NEW_RELATION] =
        {
            .name = "new_relation",
            .side = SIDE_TRANSFER,
            .value_name = "bits",
            .parameters =
                {{"weight", 0.5, 0, 1}, WINDOW(240), {"min_bits", 4, 0, 30}, {"half_bits", 8, 0.1, 1000}},
        },
    [DETECTOR_NETWORK] =
        {
            .name = "network",
            .side = SIDE_CASE,
            .value_name = "transfers",
            .parameters = {{"weight", 0.8, 0, 1},
                           WINDOW(720),
                           {"min_bits", 7, 0, 30},
                           {"min_transfers", 3, 2, CASE_TRANSFERS_MAX},
                           {"half_bits", 100, 1, 10000}},
            .collect = case_collect,
            .find = network_find,
        },
    [DETECTOR_CHAIN] =
        {
            .name = "chain",
            .side = SIDE_CASE,
            .value_name = "hops",
            .parameters = {{"weight", 0.5, 0, 1},
                           WINDOW(720),
                           {"min_length", 4, 3, CASE_TRANSFERS_MAX},
                           {"max_stay_hours", 72, 0, WINDOW_HOURS_MAX}},
            .collect = case_collect,
            .find = chain_find,
        },
    [DETECTOR_PEEL_CHAIN] =
        {
            .name = "peel_chain",
            .side = SIDE_CASE,
            .value_name = "hops",
            .parameters = {{"weight", 0.6, 0, 1},
                           WINDOW(720),
                           {"min_length", 4, 3, CASE_TRANSFERS_MAX},
                           {"max_peel", 0.3, 0, 1}},
            .collect = case_collect,
            .find = peel_chain_find,
        },
    [DETECTOR_CYCLE] =
        {
            .name = "cycle",
            .side = SIDE_CASE,
            .value_name = "transfers",
            .parameters = {{"weight", 0.8, 0, 1},
                           WINDOW(720),
                           {"min_length", 3, 2, 12},
                           {"max_length", 12, 2, 12},
                           {"max_loss", 0.2, 0, 1}},
            .collect = case_collect,
            .find = cycle_find,
        },
    [DETECTOR_SCATTER_GATHER] =
        {
            .name = "scatter_gather",
            .side = SIDE_CASE,
            .value_name = "middles",
            .parameters = {{"weight", 0.7, 0, 1}, WINDOW(720), {"min_middles", 2, 2, CASE_TRANSFERS_MAX}},
            .collect = case_collect,
            .find = scatter_gather_find,
        },
    [DETECTOR_GATHER_SCATTER] =
        {
            .name = "gather_scatter",
            .side = SIDE_CASE,
            .value_name = "a_side",
            .parameters = {{"weight", 0.6, 0, 1}, WINDOW(720), {"min_side", 3, 2, CASE_TRANSFERS_MAX}},
            .collect = case_collect,
            .find = gather_scatter_find,
        },
    [DETECTOR_BIPARTITE] =
        {
            .name = "bipartite",
            .side = SIDE_CASE,
            .value_name = "transfers",
            .parameters = {{"weight", 0.6, 0, 1}, WINDOW(720), {"min_edges", 4, 4, CASE_TRANSFERS_MAX}},
            .collect = case_collect,
            .find = bipartite_find,
        },
    [DETECTOR_STACK] =
        {
            .name = "stack",
            .side = SIDE_CASE,
            .value_name = "middles",
            .parameters = {{"weight", 0.7, 0, 1}, WINDOW(720), {"min_middles", 2, 1, CASE_TRANSFERS_MAX}},
            .collect = case_collect,
            .find = stack_find,
        },
    [DETECTOR_RAPID_PASS_THROUGH] =
        {
            "rapid_pass_through",
            SIDE_EITHER,
            "share",
            {{"weight", 0.5, 0, 1}, WINDOW(24), {"min_share", 0.8, 0.1, 1}, {"min_digits", 2.8, 0.5, 50}},
            rapid_pass_through_observe,
            rapid_pass_through_collect,
        },
    [DETECTOR_DORMANT_REACTIVATION] =
        {
            "dormant_reactivation",
            SIDE_EITHER,
            "times_usual",
            {{"weight", 0.5, 0, 1}, WINDOW(72), {"silence_days", 180, 1, 3660}, {"min_factor", 5, 1, 1e6}},
            dormant_reactivation_observe,
            dormant_reactivation_collect,
        },
    [DETECTOR_DUSTING] =
        {
            "dusting",
            SIDE_SENDER,
            "receivers",
            {{"weight", 0.5, 0, 1},
             WINDOW(24),
             {"max_value", 1, 0, 1e18},
             {"min_receivers", 10, 2, JOURNAL_MAX}},
            dusting_observe,
            dusting_collect,
        },
    [DETECTOR_ROUND_AMOUNTS] =
        {
            "round_amounts",
            SIDE_SENDER,
            "transfers",
            {{"weight", 0.3, 0, 1},
             WINDOW(720),
             {"min_value", 100, 0, 1e18},
             {"min_count", 5, 2, JOURNAL_MAX},
             {"min_share", 0.8, 0, 1}},
            round_amounts_observe,
            round_amounts_collect,
        },
    [DETECTOR_FIRST_SEEN_LARGE] =
        {
            "first_seen_large",
            SIDE_EITHER,
            "moved",
            {{"weight", 0.3, 0, 1}, WINDOW(24), {"min_value", 10000, 0, 1e18}},
            first_seen_large_observe,
            first_seen_large_collect,
        },
    [DETECTOR_NEWCOMERS_IN] =
        {
            .name = "newcomers_in",
            .side = SIDE_RECEIVER,
            .value_name = "senders",
            .parameters = {{"weight", 0.6, 0, 1},
                           WINDOW(WINDOW_HOURS_MAX),
                           {"min_share", 0.3, 0.01, 0.95},
                           {"min_bits", 3, 1, 100},
                           {"min_count", 3, 2, NEWCOMERS_MAX}},
            .observe = newcomers_in_observe,
            .collect = newcomers_in_collect,
        },
    [DETECTOR_NEWCOMERS_OUT] =
        {
            .name = "newcomers_out",
            .side = SIDE_ANSWER,
            .value_name = "receivers",
            .parameters = {{"weight", 0.6, 0, 1},
                           WINDOW(WINDOW_HOURS_MAX),
                           {"min_share", 0.3, 0.01, 0.95},
                           {"min_bits", 3, 1, 100},
                           {"min_count", 3, 2, NEWCOMERS_MAX}},
            .observe = newcomers_out_observe,
            .collect = newcomers_out_collect,
        },
    [DETECTOR_MIXER_USE] =
        {
            .name = "mixer_use",
            .side = SIDE_ANSWER,
            .value_name = "transfers",
            .parameters = {{"weight", 0.6, 0, 1}, WINDOW(72), {"min_count", 3, 2, JOURNAL_MAX}},
            .observe = mixer_use_observe,
            .collect = mixer_use_collect,
        },
};

const bool detectors_by_value[DETECTOR_COUNT] = {
    [DETECTOR_STRUCTURING] = true,          [DETECTOR_RAPID_PASS_THROUGH] = true,
    [DETECTOR_DORMANT_REACTIVATION] = true, [DETECTOR_DUSTING] = true,
    [DETECTOR_ROUND_AMOUNTS] = true,        [DETECTOR_FIRST_SEEN_LARGE] = true,
};

void evidence_add_transfer(evidence_t *evidence, text_t tx_id) {
    if (evidence->tx_id_count == EVIDENCE_TRANSFERS_MAX) return;
    for (int i = 0; i < evidence->tx_id_count; i++)
        if (text_equal(evidence->tx_ids[i], tx_id)) return;
    evidence->tx_ids[evidence->tx_id_count++] = tx_id;
}

void evidence_add_wallet(evidence_t *evidence, text_t wallet) {
    if (evidence->wallet_count == EVIDENCE_TRANSFERS_MAX) return;
    for (int i = 0; i < evidence->wallet_count; i++)
        if (text_equal(evidence->wallets[i], wallet)) return;
    evidence->wallets[evidence->wallet_count++] = wallet;
}

void evidence_add_receivers(evidence_t *evidence, store_t *store, const wallet_t *wallet, int64_t since_ms) {
    for (uint32_t i = 1; i <= wallet->out_degree && i <= EVIDENCE_EDGES_MAX; i++) {
        text_t name = edge_receiver(store, wallet->number, wallet->out_degree - i);
        const edge_t *edge = edge_find(store, wallet->number, name);
        if (!edge || edge->earliest_ms < since_ms) continue;
        evidence_add_wallet(evidence, name);
        evidence_add_transfer(evidence, edge_earliest(edge));
    }
}

void evidence_add_senders(evidence_t *evidence, store_t *store, const wallet_t *wallet, int64_t since_ms) {
    for (uint32_t i = 1; i <= wallet->in_degree && i <= EVIDENCE_EDGES_MAX; i++) {
        const sender_t *sender = edge_sender(store, wallet->number, wallet->in_degree - i);
        if (!sender || sender->first_ms < since_ms) continue;
        evidence_add_wallet(evidence, sender_name(sender));
        evidence_add_transfer(evidence, sender_tx_id(sender));
    }
}
