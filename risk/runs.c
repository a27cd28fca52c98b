/* Scoring runs: every wallet of every task scored under one set of rules, beside the live scores.
 *
 * Each task goes through its wallets by their numbers, a page at a time, each page an event that gives way to
 * others. How far it is goes to the task that owns the run's id, which adds it up and tells it. What is told
 * are totals, so an event that comes twice counts once.
 *
 * Layout of 'U' + run id: run_t, then the rules' JSON until the run has finished here. Of 'A' + run id, at
 * the task that owns the run id: run_sum_t; of 'B' + partition + run id there: run_part_t, what that
 * partition told last. */
#include "risk/model.h"

#include <stdlib.h>
#include <string.h>

enum { RUN_VERSION = 1 };

typedef struct {
    uint8_t version;
    uint8_t finished;
    uint8_t unused[2];
    uint32_t wallets; /* that there were when the run began here */
    uint32_t next;    /* number of the wallet to be scored next */
    uint32_t levels[LEVEL_COUNT];
    char rules_version[RULES_VERSION_SIZE];
    int64_t at_ms;
} run_t;

typedef run_told_t run_part_t;

typedef struct {
    uint8_t version;
    uint8_t unused[3];
    uint32_t heard; /* partitions */
    uint32_t finished;
    char rules_version[RULES_VERSION_SIZE];
    int64_t at_ms;
    uint64_t wallets;
    uint64_t done;
    uint64_t levels[LEVEL_COUNT];
} run_sum_t;

static void send_page(risk_t *risk, text_t run_id, uint32_t next, text_t wallet) {
    buf_reset(&risk->event);
    event_add_run_page(&risk->event, run_id, next);
    risk->out.send(risk->out.context, wallet.data, wallet.size, risk->event.data, risk->event.size, true);
}

static void send_told(risk_t *risk, text_t run_id, const run_t *run) {
    run_told_t told = {.partition = (uint32_t)risk->out.partition,
                       .finished = run->finished,
                       .wallets = run->wallets,
                       .done = run->next,
                       .at_ms = run->at_ms};
    memcpy(told.levels, run->levels, sizeof told.levels);
    memcpy(told.rules_version, run->rules_version, sizeof told.rules_version);
    buf_reset(&risk->event);
    event_add_run_told(&risk->event, run_id, &told);
    risk->out.send(risk->out.context, run_id.data, run_id.size, risk->event.data, risk->event.size, false);
}

/* The next page's event goes by the name of its first wallet, which this task owns. */
static void go_on(risk_t *risk, text_t run_id, const run_t *run) {
    text_t wallet = wallet_name(risk->store, run->next);
    if (wallet.size) send_page(risk, run_id, run->next, wallet);
}

const char *run_start(risk_t *risk, const command_event_t *command) {
    wallet_key_t key;
    size_t size;
    key_of_name(&key, KEY_RUN, command->run_id);
    if (store_get(risk->store, key.data, key.size, &size)) return NULL;
    rules_t *rules;
    err_t *err = rules_parse("rules", command->rules.data, command->rules.size, &rules);
    if (err) {
        err_free(err);
        return "the run's rules are of another version of amlstream; upgrade this instance";
    }
    run_t run = {.version = RUN_VERSION, .wallets = wallet_count(risk->store), .at_ms = command->at_ms};
    memcpy(run.rules_version, rules_version(rules), sizeof run.rules_version);
    rules_free(rules);
    run.finished = run.wallets == 0;
    char *record =
        store_edit(risk->store, key.data, key.size, sizeof run + (run.finished ? 0 : command->rules.size));
    memcpy(record, &run, sizeof run);
    if (!run.finished) memcpy(record + sizeof run, command->rules.data, command->rules.size);

    char name[WALLET_SIZE_MAX];
    memcpy(name, command->run_id.data, command->run_id.size);
    text_t run_id = {name, command->run_id.size};
    send_told(risk, run_id, &run);
    if (!run.finished) go_on(risk, run_id, &run);
    return NULL;
}

/* The rules of the run that was last looked at stay parsed. */
static const rules_t *run_rules(risk_t *risk, const run_t *run, size_t size) {
    if (risk->run_rules && !memcmp(rules_version(risk->run_rules), run->rules_version, RULES_VERSION_SIZE))
        return risk->run_rules;
    rules_free(risk->run_rules);
    risk->run_rules = NULL;
    /* They were parsed when they were stored. */
    err_free(rules_parse("rules", (const char *)(run + 1), size - sizeof *run, &risk->run_rules));
    return risk->run_rules;
}

static void score_one(risk_t *risk, text_t run_id, run_t *run) {
    wallet_t wallet;
    text_t name = wallet_name(risk->store, run->next++);
    if (!wallet_read(risk->store, name, &wallet)) return;
    exposures_load_of(risk, &wallet, name);
    assess_wallet(risk, &wallet, name);
    run->levels[rules_level(risk->rules, score_value(&risk->score))]++;
    buf_reset(&risk->json);
    record_add_run_score(risk, run_id, name, &risk->json);
    risk->out.emit(risk->out.context, TOPIC_SCORING_RUNS, name.data, name.size, risk->json.data,
                   risk->json.size);
}

void run_page(risk_t *risk, const event_t *event) {
    char name[WALLET_SIZE_MAX];
    memcpy(name, event->wallet.data, event->wallet.size);
    text_t run_id = {name, event->wallet.size};
    wallet_key_t key;
    size_t size;
    key_of_name(&key, KEY_RUN, run_id);
    const run_t *before = store_get(risk->store, key.data, key.size, &size);
    /* A page that came twice has been done. */
    if (!before || before->finished || before->next != event->run_next) return;
    const rules_t *rules = run_rules(risk, before, size), *in_force = risk->rules;
    run_t run = *before;
    if (rules) risk->rules = rules;
    for (int i = 0; i < RUN_PAGE_WALLETS && run.next < run.wallets; i++) score_one(risk, run_id, &run);
    risk->rules = in_force;
    run.finished = run.next == run.wallets;
    memcpy(store_edit(risk->store, key.data, key.size, run.finished ? sizeof run : size), &run, sizeof run);
    if (run.finished || run.next % RUN_TOLD_WALLETS == 0) send_told(risk, run_id, &run);
    if (!run.finished) go_on(risk, run_id, &run);
}

/* At the task that owns the run's id */

static void sum_add(run_sum_t *sum, const run_part_t *part, int sign) {
    uint64_t factor = (uint64_t)(int64_t)sign;
    sum->finished += part->finished ? (uint32_t)sign : 0;
    sum->wallets += factor * part->wallets;
    sum->done += factor * part->done;
    for (int i = 0; i < LEVEL_COUNT; i++) sum->levels[i] += factor * part->levels[i];
}

static void add_count(buf_t *out, const char *name, uint64_t count) {
    buf_printf(out, ",\"%s\":%llu", name, (unsigned long long)count);
}

static void emit_sum(risk_t *risk, text_t run_id, const run_sum_t *sum) {
    buf_t *out = &risk->json;
    int32_t partitions = risk->out.partition_count;
    bool finished = sum->finished == (uint32_t)partitions;
    buf_reset(out);
    record_add_run_head(run_id, out);
    buf_printf(out, ",\"state\":\"%s\",\"rules_version\":\"%.*s\"", finished ? "finished" : "running",
               RULES_VERSION_SIZE, sum->rules_version);
    add_count(out, "wallets", sum->wallets);
    add_count(out, "done", sum->done);
    add_count(out, "partitions", (uint64_t)partitions);
    add_count(out, "partitions_begun", sum->heard);
    add_count(out, "partitions_finished", sum->finished);
    record_add_run_times(sum->at_ms, out);
    buf_add_str(out, ",\"summary\":{");
    for (int i = 0; i < LEVEL_COUNT; i++)
        buf_printf(out, "%s\"%s\":%llu", i ? "," : "", level_names[i], (unsigned long long)sum->levels[i]);
    buf_add_str(out, "}}");
    risk->out.emit(risk->out.context, TOPIC_SCORING_RUNS, run_id.data, run_id.size, out->data, out->size);
}

void run_told(risk_t *risk, const event_t *event) {
    const run_told_t *told = &event->run_told;
    wallet_key_t sum_key, part_key;
    key_of_name(&sum_key, KEY_RUN_SUM, event->wallet);
    key_of_edge(&part_key, KEY_RUN_PART, told->partition, event->wallet);
    size_t size;
    const run_part_t *before = store_get(risk->store, part_key.data, part_key.size, &size);
    bool heard = before != NULL;
    if (heard && told->done <= before->done) return;
    run_part_t *part = store_edit(risk->store, part_key.data, part_key.size, sizeof *part);
    run_sum_t *sum = store_edit(risk->store, sum_key.data, sum_key.size, sizeof *sum);
    if (heard) sum_add(sum, part, -1);
    *part = *told;
    sum_add(sum, part, 1);
    sum->version = RUN_VERSION;
    sum->heard += !heard;
    sum->at_ms = told->at_ms;
    memcpy(sum->rules_version, told->rules_version, sizeof sum->rules_version);
    emit_sum(risk, event->wallet, sum);
}
