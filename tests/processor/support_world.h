/* A simulated world: several instances on the in-memory log, each with disks of its own; crashes, zombies,
 * failed calls and full disks from a seed. What comes out is kept and can be compared with another
 * world's. */
#pragma once

#include "processor/engine.h"
#include "processor/memory_log.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { WORLD_INSTANCES_MAX = 4, WORLD_PARTITIONS_MAX = 6 };

typedef struct {
    int instances;
    int32_t partitions;
    int faults_per_1000; /* steps after which something goes wrong */
    uint64_t seed;
} world_options_t;

typedef struct world world_t;

world_t *world_new(const world_options_t *options);
void world_free(world_t *world);
/* A record into a partition chosen by the seed, or by the key as clients do it. */
void world_send(world_t *world, topic_t topic, const char *key, const char *value, bool by_key);
/* Lets the instances take turns for so many steps. */
void world_run(world_t *world, int steps);
/* No more faults, until all input is consumed; fails the test where that does not come about. */
void world_settle(world_t *world);

/* Run id → {"scores": wallet → count, "told": the run's last record}. Owned by the world. */
json_t *world_runs(const world_t *world);
/* tx_id → count of transaction-risk records of revision 0; the same of later ones, each; alert_id → count;
 * wallet → its last risk-scores record. Owned by the world. */
json_t *world_transfers(const world_t *world);
json_t *world_revisions(const world_t *world);
json_t *world_alerts(const world_t *world);
json_t *world_scores(const world_t *world);
json_t *world_dead_letters(const world_t *world); /* list of {"value","error"} */
/* The version of the rules that all running tasks have in force; NULL where they differ. */
const char *world_rules_version(const world_t *world);
/* Times that a wallet's version did not follow its last. */
int world_version_gaps(const world_t *world);
