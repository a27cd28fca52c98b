/* What one task tells another, as bytes. First byte the version, second the kind; then a flat little-endian
 * header, then texts.
 *
 * - credit: the receiver's half of a transfer, with what the sender's half found and the taint it carries
 * - exposure: what a neighbour passes on of its exposures, all of it
 * - ask: a neighbour's wish to be told that
 * - page: a task's own reminder of wallets that have neighbours to tell or ask
 * - transfer: a transfer that reached a task other than its sender's
 * - label: a label that reached a task other than its wallet's
 * - case: transfers for the case that the wallet is part of, and another root to unite with (case.h)
 * - finding: a pattern that a case's root found and that the wallet is part of
 * - newcomer: a receiver's answer to its sender that it counts as one (detectors/newcomers.h)
 * - rates: what a task has counted, for all tasks (novelty.h)
 * - mixer: a receiver's answer to its sender that it is a mixer
 * - quote: a price that reached a task other than its asset's
 * - price: what an asset's task has decided, for all tasks
 * - reload: new rules, for all tasks
 * - rescore: a scoring run, for all tasks
 * - run page: a task's own reminder to go on with a scoring run
 * - rules page: a task's own reminder to go on with its exposures under other rules
 * - run told: how far a scoring run is in a task, for the task that owns the run's id
 */
#pragma once

#include "common/buf.h"
#include "risk/edge.h"
#include "risk/exposure.h"
#include "risk/novelty.h"
#include "risk/past.h"
#include "risk/price.h"
#include "risk/rules.h"
#include "risk/wallet.h"

enum { EVENT_VERSION = 1 };

typedef enum {
    EVENT_CREDIT = 1,
    EVENT_EXPOSURE,
    EVENT_PAGE,
    EVENT_TRANSFER,
    EVENT_LABEL,
    EVENT_QUOTE,
    EVENT_PRICE,
    EVENT_RELOAD,
    EVENT_CASE,
    EVENT_FINDING,
    EVENT_RESCORE,
    EVENT_RUN_PAGE,
    EVENT_RUN_TOLD,
    EVENT_ASK,
    EVENT_NEWCOMER,
    EVENT_MIXER,
    EVENT_RATES,
    EVENT_RULES_PAGE
} event_kind_t;

/* What a detector said of this transfer. */
typedef struct {
    uint8_t detector;
    uint8_t unpriced; /* it compared a value that is an amount without a price */
    uint8_t unused[2];
    float strength;
    float value;
} event_finding_t;

typedef struct {
    transfer_t transfer;
    double value;   /* of its amount in the reference currency, at the price that the sender's task had */
    bool unpriced;  /* that is 1, as there was none for its asset */
    edge_hit_t hit; /* what the transfer did to its edge */
    /* The sender's strongest source exposure of each category: hops + 1, or 0 where it has none; and how sure
     * its label is. */
    uint8_t sender_hops[CATEGORY_COUNT];
    uint16_t sender_confidences[CATEGORY_COUNT];
    past_t sender;     /* before the transfer */
    float sender_bits; /* novelty; 0 where the edge is not new */
    bool sender_is_service;
    text_t sender_root; /* of its case, where the edge is new; size 0: itself */
    bool is_tainted;
    double tainted[CATEGORY_COUNT]; /* of the amount, by category (taint.h) */
    int finding_count;
    event_finding_t findings[DETECTOR_COUNT];
} credit_t;

/* A command as it goes from the task that checked it to all. */
typedef struct {
    text_t run_id;
    text_t rules;  /* JSON; size 0: none */
    int64_t at_ms; /* when Kafka got its record */
} command_event_t;

/* How far a scoring run is in one partition, all told. */
typedef struct {
    uint32_t partition;
    uint32_t finished; /* 0 or 1 */
    uint32_t wallets;
    uint32_t done;
    uint32_t levels[4]; /* wallets by level_t */
    int64_t at_ms;      /* of the command */
    char rules_version[RULES_VERSION_SIZE];
    uint32_t unused;
} run_told_t;

typedef struct {
    event_kind_t kind;
    credit_t credit; /* credit; of a transfer event, credit.transfer */
    text_t wallet; /* not of credit and transfer: who it is for; of a price the asset, of a command or run its
                      id */
    direction_t direction;   /* exposure, ask */
    text_t teller;           /* exposure, ask: the neighbour */
    uint32_t passed_version; /* exposure: of what the neighbour passes on */
    text_t tx_id;      /* exposure: a transfer from it, size 0 where it goes to it; newcomer, mixer: to it */
    text_t via;        /* case: the root to unite with, size 0 for none; newcomer, mixer: it */
    const char *value; /* label, quote: JSON, NULL withdraws; case: transfers; page: names */
    size_t value_size;
    price_t price;           /* price; of a quote as_of_ms, the record's */
    command_event_t command; /* reload, rescore */
    int transfer_count;      /* case */
    double amount;           /* mixer: of the transfer to it */
    int64_t ms;              /* case, finding: event time */
    novelty_counts_t rates;  /* rates */
    event_finding_t finding; /* finding */
    uint32_t run_next;       /* run page, rules page: number of its first wallet */
    run_told_t run_told;
    exposures_t exposures; /* exposure: as the neighbour has them, without via */
} event_t;

/* Each replaces nothing and appends to `out`. */
void event_add_credit(buf_t *out, const credit_t *credit);
void event_add_transfer(buf_t *out, const transfer_t *transfer);
void event_add_label(buf_t *out, text_t wallet, const char *value, size_t size);
/* `transfers`: as case_transfers_write makes them. */
void event_add_case(buf_t *out, text_t wallet, text_t other, int64_t ms, int count, const void *transfers,
                    size_t size);
void event_add_finding(buf_t *out, text_t wallet, int64_t ms, const event_finding_t *finding);
void event_add_ask(buf_t *out, direction_t direction, text_t teller, text_t wallet);
void event_add_rates(buf_t *out, const novelty_counts_t *rates, int64_t ms);
void event_add_newcomer(buf_t *out, text_t wallet, text_t newcomer, text_t tx_id, int64_t ms);
void event_add_mixer(buf_t *out, text_t wallet, text_t mixer, text_t tx_id, int64_t ms, double amount);
/* `names`: as exposure_tell.c makes them; `wallet` is the first of them. */
void event_add_page(buf_t *out, text_t wallet, const char *names, size_t size);
/* `record_ms`: of its record. */
void event_add_quote(buf_t *out, text_t asset, const char *value, size_t size, int64_t record_ms);
void event_add_price(buf_t *out, text_t asset, const price_t *price);
void event_add_command(buf_t *out, event_kind_t kind, const command_event_t *command);
void event_add_run_page(buf_t *out, text_t run_id, uint32_t next);
/* `wallet` has the number `next`. */
void event_add_rules_page(buf_t *out, text_t wallet, uint32_t next);
void event_add_run_told(buf_t *out, text_t run_id, const run_told_t *told);
/* In two steps, so that the same entries go to many: the head once, the wallet for each. */
void event_add_exposure_head(buf_t *out, direction_t direction, text_t teller, uint32_t passed_version,
                             const exposures_t *exposures);
void event_add_exposure_wallet(buf_t *out, text_t wallet, text_t tx_id);

/* Texts point into the bytes. Returns a reason where they are no event. */
const char *event_read(const void *bytes, size_t size, event_t *out);
