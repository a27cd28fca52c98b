/* Several tasks of the risk model in one process: a store in memory each, and a queue that brings events to
 * their owners. */
#pragma once

#include "risk/risk.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { FIXTURE_TASKS_MAX = 8 };

typedef struct fixture fixture_t;

/* `seed` decides the order of deferrable events and which exposure updates come twice; 0: in order, each
 * once. */
fixture_t *fixture_new(const char *rules_path, int task_count, uint64_t seed);
/* The same with the text of a rules file. */
fixture_t *fixture_new_with(const char *rules, int task_count, uint64_t seed);
void fixture_free(fixture_t *fixture);
risk_t *fixture_task(fixture_t *fixture, const char *wallet);
store_t *fixture_store(fixture_t *fixture, const char *wallet);
/* A transfer at its sender's task; events stay queued until fixture_deliver or fixture_commit. */
void fixture_transfer(fixture_t *fixture, const char *tx_id, const char *src, const char *dst, double amount,
                      int64_t ms);
void fixture_transfer_asset(fixture_t *fixture, const char *tx_id, const char *src, const char *dst,
                            double amount, const char *asset, int64_t ms);
/* `value` NULL withdraws. Returns the reason. */
const char *fixture_label(fixture_t *fixture, const char *wallet, const char *value);
/* A command, which comes to some task. Returns the reason. */
const char *fixture_command(fixture_t *fixture, const char *run_id, const char *value, int64_t ms);
/* All tasks made anew over the stores there are, with the rules of this text, as after a restart. */
void fixture_restart(fixture_t *fixture, const char *rules);
/* Delivers up to `most` queued events. */
void fixture_deliver(fixture_t *fixture, size_t most);
/* One risk_commit for each task; what it sends stays queued. */
void fixture_commit_once(fixture_t *fixture);
/* As an engine does: delivers and commits until all is quiet, deferrable events too. */
void fixture_commit(fixture_t *fixture);
/* What was emitted, in order: an object each, with "_key" added. Owned by the fixture. */
const json_t *fixture_emitted(const fixture_t *fixture, topic_t topic);
/* The last of them; NULL where there is none. */
const json_t *fixture_last(const fixture_t *fixture, topic_t topic);
/* The wallet's live record, NULL where unknown; the caller owns it. */
json_t *fixture_wallet(fixture_t *fixture, const char *wallet);
risk_counters_t fixture_counters(const fixture_t *fixture);
/* Of a record, or an object in one; fails the test where there is no such number. */
double number(const json_t *object, const char *key);
