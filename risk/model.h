/* The risk model's working memory, shared by its files. What must last is in the store. */
#pragma once

#include "risk/case.h"
#include "risk/event.h"
#include "risk/fade.h"
#include "risk/features.h"
#include "risk/findings.h"
#include "risk/names.h"
#include "risk/price.h"
#include "risk/risk.h"
#include "risk/rules_fields.h"
#include "risk/score.h"
#include "risk/scorer.h"
#include "risk/taint.h"

struct risk {
    const rules_t *rules; /* in force */
    const rules_t *start_rules;
    rules_t *reloaded;  /* NULL: the start's are in force */
    rules_t *run_rules; /* of the scoring run that was last looked at */
    store_t *store;
    risk_out_t out;
    risk_counters_t counters;
    fade_t fade;
    uint64_t followed_rules; /* hash of those that exposures_follow_rules last saw; 0: none */
    names_t changed;         /* wallets that need a risk-scores record */
    names_t to_push;         /* wallets whose neighbours must be told or asked something */
    size_t pushed;           /* neighbours that were told or asked at once in this commit */
    buf_t page;              /* wallets of the next event of kind page */
    int page_count;
    /* Reused from record to record. */
    buf_t page_read;
    buf_t event;
    buf_t json;
    buf_t value;
    buf_t reason; /* why something cannot be done, where that is no fixed text */
    event_t in;
    exposures_t lists[DIRECTION_COUNT];
    exposures_t before; /* a list before a change */
    exposures_t passed, passing;
    price_cache_t prices;
    taints_t taints; /* of the wallet that taints_load was last asked for */
    score_t score;
    case_t the_case;             /* that is being added to */
    case_t case_in;              /* what an event adds */
    buf_t answer;                /* to the sender of the transfer that is being credited */
    buf_t case_bytes;            /* of that event */
    features_t features;         /* of the transfer that is being credited */
    const risk_scorer_t *scorer; /* NULL: no learned model */
    model_cause_t causes[MODEL_CAUSES_MAX];
    int cause_count;
    double probability; /* that the model gave the transfer */
};

/* The wallet, made where it is not known. A pointer from an earlier call may have moved. */
wallet_t *risk_wallet(risk_t *risk, text_t name);
/* The wallet is to have a risk-scores record; `tx_id` is the transfer that changed it, size 0 where it was
 * none. */
void risk_mark_changed(risk_t *risk, wallet_t *wallet, text_t name, text_t tx_id);

/* control.c: commands, and the rules in force. */
const char *reload_apply(risk_t *risk, const command_event_t *command);
/* The store has gone back to what was committed. */
void rules_aborted(risk_t *risk);

/* fade.c: scores that fall as behaviour fades. */
void fade_load(risk_t *risk);
void fade_store(risk_t *risk);
/* A transfer of this event time has come. */
void fade_time(risk_t *risk, int64_t ms, int64_t record_ms);
/* Judges wallets that are due, some of them. Between transfers: it makes wallets change. */
void fade_some(risk_t *risk);
/* Queues the wallet, whose score risk->score is. */
void fade_schedule(risk_t *risk, const wallet_t *wallet, text_t name);

/* runs.c: scoring runs. */
const char *run_start(risk_t *risk, const command_event_t *command);
void run_page(risk_t *risk, const event_t *event);
void run_told(risk_t *risk, const event_t *event);

/* credit.c: the two halves of a transfer. */
void transfer_debit(risk_t *risk, const transfer_t *transfer);
void transfer_credit(risk_t *risk, const event_t *event);
/* At the sender again: its receiver was a newcomer, or is a mixer. */
void transfer_answer(risk_t *risk, const event_t *event);

/* exposure_list.c: lists in the store, one for each direction. */
/* Reads the wallet's list into risk->lists; where it has none, it is empty and the header new. */
exposure_header_t exposures_load(risk_t *risk, direction_t direction, text_t name);
/* All directions, without a look at the store where the wallet's record says that the list is empty. */
void exposures_load_of(risk_t *risk, const wallet_t *wallet, text_t name);
void exposures_store(risk_t *risk, direction_t direction, text_t name, exposure_header_t header);
/* Of a wallet that has a list. */
exposure_header_t *exposures_edit_header(risk_t *risk, direction_t direction, text_t name);
/* What a wallet of this label (wallet_t.label) passes on of its list: a service only its own label. */
void exposures_select_passing(const rules_t *rules, uint8_t label, const exposures_t *list, exposures_t *out);
ring_t exposures_told(direction_t direction);  /* to whom it is passed on */
ring_t exposures_asked(direction_t direction); /* from whom it comes */

/* exposure_hear.c: what changes a list. */
/* An event of kind exposure. */
void exposures_hear(risk_t *risk, const event_t *event);
/* The wallet has its own label in wallet->label, or none, and had another, or another confidence. */
void exposures_set_own(risk_t *risk, wallet_t *wallet, text_t name, uint8_t label_before,
                       uint16_t confidence);
/* The rules of exposure are others; `confidence` is of the wallet's own label, if it has one. */
void exposures_renew(risk_t *risk, text_t name, uint16_t confidence);
bool exposures_heard_of(risk_t *risk, const wallet_t *wallet, direction_t direction, text_t neighbour);

/* exposure_rules.c: lists follow the rules in force. */
/* Where the rules in force are others than lists were made by, begins to make them anew. */
void exposures_follow_rules(risk_t *risk);
/* An event of kind rules page. */
void exposures_rules_page(risk_t *risk, const event_t *event);

/* exposure_tell.c: what neighbours get. */
/* Tells and asks neighbours of the wallets in risk->to_push: of small ones now, of others in events of kind
 * page. */
void exposures_push(risk_t *risk);
/* An event of kind page. */
void exposures_go_on(risk_t *risk, const event_t *event);
/* An event of kind ask. */
void exposures_answer(risk_t *risk, const event_t *event);
/* The wallet's first edge with this neighbour was made, at the end of the ring `grown`. */
void exposures_neighbour_added(risk_t *risk, const wallet_t *wallet, text_t name, text_t neighbour,
                               ring_t grown);

/* taint_flow.c: balances and taints. */
/* Reads the wallet's taints into risk->taints, without a look at the store where it has none. */
void taints_load(risk_t *risk, const wallet_t *wallet);
/* The sender's half: takes the amount from its balance. True where it carries taint; then `tainted`, zeros
 * before, holds how much of each category. */
bool taint_debit(risk_t *risk, wallet_t *wallet, const transfer_t *transfer, double tainted[CATEGORY_COUNT]);
/* The receiver's half. */
void taint_credit(risk_t *risk, wallet_t *wallet, const credit_t *credit);
/* What a service holds leaves the books. */
void taint_end_at_service(risk_t *risk, wallet_t *wallet);

/* behaviour.c: detectors, and the alerts of what they find. Appends what was found of this transfer to
 * `findings`. */
int behaviour_observe(risk_t *risk, const observation_t *observation, text_t name, side_t side,
                      event_finding_t *findings);

/* The finding stays what it was at its strongest, until what is left of that is less than what shows now.
 * True where it is what shows now. */
bool finding_update(const rules_t *rules, finding_t *finding, int64_t ms, float strength, float value);

/* assess.c: what a wallet is scored on, from its record, risk->lists and its taints, which it loads, into
 * risk->score. */
void assess_wallet(risk_t *risk, const wallet_t *wallet, text_t name);
/* For a credit: the strongest source exposure of the sender. */
void assess_sender(risk_t *risk, const wallet_t *sender, text_t name, credit_t *credit);
double exposure_risk(const rules_t *rules, direction_t direction, const exposure_t *exposure);
void assess_transfer(risk_t *risk, const credit_t *credit, const wallet_t *receiver,
                     const event_finding_t *findings, int count, float bits);

/* case_join.c */
/* The root of the wallet's case; size 0 where that is itself. */
text_t case_root(risk_t *risk, const wallet_t *wallet, int64_t ms);
/* What the wallet has gathered. Texts point into its record. A root that no longer holds is left out. */
void case_load(risk_t *risk, const wallet_t *wallet, int64_t ms, case_t *out);
/* At the receiver: the transfer joins a case where it is unexpected enough. Takes the reasons of its risk
 * from risk->score. */
void case_begin(risk_t *risk, const wallet_t *receiver, const credit_t *credit, float bits);
/* Events of kind case. Returns a reason where the bytes are none; then nothing has changed. */
const char *case_apply(risk_t *risk, const event_t *event);

/* case_judge.c */
/* `the_case` has grown; its root is the wallet. */
void case_judge(risk_t *risk, wallet_t *wallet, text_t name, case_t *the_case);
/* The transfers that make the pattern of a wallet's finding in the case as it is now; where the wallet has no
 * part in that, its own transfers there up to the finding. */
void case_evidence(const risk_t *risk, const case_t *the_case, const finding_t *finding, text_t wallet,
                   evidence_t *evidence);
/* The wallet is part of what a case's root found. */
void case_finding_take(risk_t *risk, wallet_t *wallet, text_t name, int64_t ms,
                       const event_finding_t *finding);

/* learned.c: the learned model, where there is one. Adds its opinion of risk->features to risk->score. */
void learned_add(risk_t *risk);
/* What detectors count for in a transfer's score when it arrives: the model has learnt from what they see, so
 * both in full would count it twice. What a case finds later the model could not know. */
double learned_behaviour_share(const risk_t *risk);

/* alerts.c */
void alert_case(risk_t *risk, const wallet_t *wallet, text_t name, detector_id_t detector,
                const case_pattern_t *pattern, int64_t ms, const evidence_t *evidence);
void alert_behaviour(risk_t *risk, const observation_t *observation, const double *parameters, text_t name,
                     detector_id_t detector, const event_finding_t *finding);
/* Those of the wallet's exposures that are near enough and had no alert yet. */
void alert_exposures(risk_t *risk, wallet_t *wallet, text_t name);

/* records.c: JSON of risk->score. */
void record_add_wallet(risk_t *risk, const wallet_t *wallet, text_t name, text_t tx_id, buf_t *out);
/* Of a scoring run; the head is the run id, times are of its beginning. */
void record_add_run_score(risk_t *risk, text_t run_id, text_t name, buf_t *out);
void record_add_run_head(text_t run_id, buf_t *out);
void record_add_run_times(int64_t started_ms, buf_t *out);
/* `revision` 0: the record of its arrival. */
void record_add_transfer(risk_t *risk, const transfer_t *transfer, double value, uint32_t revision,
                         buf_t *out);
