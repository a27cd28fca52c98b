/* The risk model of one task: what each event changes and what it gives out.
 *
 * Pure: no clock, no I/O, no threads, no Kafka. All state lives in the store that it is given; times come
 * from events. The same events in any order, over any number of partitions, lead to the same totals, counts,
 * degrees and exposures. One risk_t per task; not thread-safe, and one thread may own many. */
#pragma once

#include "common/buf.h"
#include "common/store.h"
#include "common/topics.h"
#include "risk/rules.h"
#include "risk/scorer.h"
#include "risk/transfer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the model's results go. Bytes are borrowed for the call. */
typedef struct {
    void *context;
    int32_t partition; /* of this task */
    int32_t partition_count;
    /* An event (binary, versioned) for the task that owns `wallet`: comes back there through risk_event, at
     * least after this call has returned. Events that are not `deferrable` come back in this same transaction
     * where this instance owns that task; deferrable ones (pages of a hub's updates) when there is time. */
    void (*send)(void *context, const char *wallet, size_t wallet_size, const void *event, size_t size,
                 bool deferrable);
    /* The same event for every task there is, this one too, each in its own time: here in this transaction,
     * at other instances when they have read it. */
    void (*broadcast)(void *context, const void *event, size_t size);
    /* A record for the outside, JSON, keyed by a wallet or a run id, of the topics of scores, transfers'
     * risk, alerts and scoring runs. */
    void (*emit)(void *context, topic_t topic, const char *key, size_t key_size, const char *value,
                 size_t size);
    /* What each transfer is judged by, before it is judged; NULL: nobody asks. */
    void (*features)(void *context, text_t tx_id, const features_t *features);
} risk_out_t;

typedef struct {
    uint64_t transfers;  /* debits applied: each transfer once, in the task of its sender */
    uint64_t duplicates; /* transfers dropped because their tx_id was seen before */
    uint64_t credits;
    uint64_t exposure_updates;
    uint64_t labels;
    uint64_t alerts;
    uint64_t scores; /* risk-scores records */
    uint64_t new_wallets;
    uint64_t new_edges; /* outgoing ones: each edge once */
} risk_counters_t;

typedef struct risk risk_t;

/* `rules` and `store` must outlive the result. The rules are in force until a command reloads others. */
risk_t *risk_new(const rules_t *rules, store_t *store, risk_out_t out);
/* The store has its contents now: puts the rules in force that a reload left there, unless the rules that the
 * task was made with are others than those it replaced. May write; before anything else is given to the
 * task. */
void risk_restored(risk_t *risk);
void risk_free(risk_t *risk);
/* From now on this learned model is asked of each transfer; it must outlive the risk_t. */
void risk_use_scorer(risk_t *risk, const risk_scorer_t *scorer);

/* A transfer whose sender this task owns. */
void risk_transfer(risk_t *risk, const transfer_t *transfer);
/* A label for a wallet of this task, in any case of letters; `value` is JSON, NULL withdraws. Returns a
 * reason (static string) where it is no label; then nothing has changed. */
const char *risk_label(risk_t *risk, const char *wallet, size_t wallet_size, const char *value, size_t size);
/* A price of an asset of this task; `value` is JSON, NULL takes it away. It is of the time of its record
 * where it says no other. Returns a reason (static string) where it is none; then nothing has changed. */
const char *risk_price(risk_t *risk, const char *asset, size_t asset_size, const char *value, size_t size,
                       int64_t record_ms);
/* A command for all tasks, which came to this one; `record_ms` is when Kafka got it. Returns the reason
 * (valid until the next call) where it cannot be carried out; then nothing has changed. */
const char *risk_command(risk_t *risk, const char *run_id, size_t run_id_size, const char *value, size_t size,
                         int64_t record_ms);
/* What `send` was given. Returns a reason where the bytes are no event (a newer version, damage); then
 * nothing has changed. */
const char *risk_event(risk_t *risk, const void *event, size_t size);
/* Events for what reached a task that does not own it: append to `out`, then send to the owner of the
 * wallet. */
void risk_event_of_transfer(buf_t *out, const transfer_t *transfer);
void risk_event_of_label(buf_t *out, const char *wallet, size_t wallet_size, const char *value, size_t size);
void risk_event_of_price(buf_t *out, const char *asset, size_t asset_size, const char *value, size_t size,
                         int64_t record_ms);

/* Emits one risk-scores record for each wallet that changed since the last call, and sends what neighbours
 * must hear of. Before each commit, and again for as long as it leads to events for this task; without a
 * change it does nothing. */
void risk_commit(risk_t *risk);
/* Forgets which wallets changed: the transaction was aborted, the store has gone back. */
void risk_abort(risk_t *risk);

/* Of the rules in force. */
const char *risk_rules_version(const risk_t *risk);
const risk_counters_t *risk_counters(const risk_t *risk);

/* The wallet's live record as the risk-scores record would show it (its tx_id is null but for a transfer
 * since the last risk_commit), JSON appended to `out`; false where unknown. */
bool risk_wallet_json(risk_t *risk, const char *wallet, size_t wallet_size, buf_t *out);
