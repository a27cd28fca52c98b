/* Every bound of the risk model in one place. WALLET_SIZE_MAX and TRANSFER_JSON_SIZE_MAX stand in
 * transfer.h. */
#pragma once

enum {
    RULES_SIZE_MAX = 256 * 1024,
    RULES_ASSETS_MAX = 64, /* assets with rules of their own */
    RULES_ASSET_SIZE_MAX = 63,
    HOPS_MAX = 7,        /* of max_hops in the rules */
    NEAREST_MAX = 16,    /* labelled wallets kept per category */
    JOURNAL_MAX = 32,    /* transfers that one detector remembers of a wallet */
    EDGE_RECENT_MAX = 3, /* transfers that an edge names besides its earliest */
    WINDOW_BUCKETS = 8,  /* power of two */
    WINDOW_HOURS_MAX = 24 * 366,
    STREAM_FUTURE_MS_MAX = 24 * 3600 * 1000, /* of an event's time after its record's */
    STREAM_AHEAD_MS_MAX = 24 * 3600 * 1000,  /* of an event's time after all before it, see stream_time.h */
    STREAM_AHEAD_COUNT = 8,
    FADES_PER_TRANSFER = 4, /* wallets that are judged again after one */
    FADE_HOURS = 16,        /* hours of the queue that are passed after one */
    FADE_DAYS_MAX = 36600,
    RUN_PAGE_WALLETS = 64,   /* wallets that a scoring run scores in one event */
    RUN_TOLD_WALLETS = 4096, /* between two words of how far it is; a multiple of the page */
    LABEL_JSON_SIZE_MAX = 64 * 1024,
    LABEL_SOURCE_SIZE_MAX = 256,
    LABEL_NOTE_SIZE_MAX = 1024,
    PRICE_JSON_SIZE_MAX = 64 * 1024,
    PRICE_CACHE_SLOTS = 64,
    PRICE_CACHE_ASSET_SIZE = 22, /* of longer names the price is read each time */
    TAINTS_MAX = 64,             /* categories of assets in which a wallet's taint is kept apart */
    PUSH_DIRECT_EDGES = 16,      /* wallets with at most so many neighbours a side tell them at once ... */
    PUSH_DIRECT_MAX = 4000,  /* ... up to so many told or asked in one commit; others when there is time */
    PUSH_PAGE_EDGES = 256,   /* neighbours that are told or asked in one event */
    PUSH_PAGE_WALLETS = 64,  /* whose neighbours those are, at most */
    RULES_PAGE_WALLETS = 64, /* whose lists follow other rules in one event */
    CASE_TRANSFERS_MAX = 48, /* of a case (case.h) */
    CASE_WALLETS_MAX = 2 * CASE_TRANSFERS_MAX,
    CASE_REASONS_MAX = 16, /* of a transfer's arrival, that a case keeps */
    NEWCOMERS_MAX = 24,    /* newcomers that a wallet's record names, of each side */
    EVIDENCE_TRANSFERS_MAX = 48,
    EVIDENCE_EDGES_MAX = 64,  /* edges read when an alert collects its transfers */
    EXPLAIN_EDGES_MAX = 1024, /* newest counterparties of each side that an explanation ranks */
    EXPLAIN_LIMIT_MAX = 1000, /* of paths and counterparties that can be asked for */
    DETECTORS_MAX = 32,
    DETECTOR_PARAMETERS_MAX = 8,
    REASONS_MAX = 64,
    MODEL_CAUSES_MAX = 4, /* features that a learned model names for its opinion of a transfer */
};
