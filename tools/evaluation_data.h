/* What an evaluation holds; for its own files alone. */
#pragma once

#include "common/hash.h"
#include "tools/evaluation.h"

#include <uthash.h>

enum { NO_MEMBERSHIP = UINT32_MAX };

typedef struct {
    UT_hash_handle hh;
    hash128_t id;
    double score;
    int64_t revision;
    int64_t ms;
    uint32_t position;         /* while they are added, in that order; then in order of time */
    uint32_t first_membership; /* NO_MEMBERSHIP: an ordinary transfer */
    uint64_t typologies;       /* bit per typology of the truth */
    uint64_t alert;            /* the last alert that named it */
} scored_transfer_t;

/* One of the patterns that a transfer belongs to. */
typedef struct {
    uint32_t pattern, next;
} membership_t;

typedef struct {
    int64_t ms;
    uint32_t transfers;
    bool is_known;
} delay_t;

typedef struct {
    UT_hash_handle hh;
    char *id;
    uint32_t index; /* in `patterns` */
    int typology;
    uint32_t transfers;
    uint32_t begin; /* position of its first transfer; until the transfers are in order UINT32_MAX */
    uint32_t end;   /* of its last one */
    int64_t begin_ms;
    delay_t to_found, to_noticed;
    uint32_t named; /* transfers of it that the present alert names */
} planted_pattern_t;

typedef struct {
    int typology;
    uint32_t position;
    bool is_right;
} judged_alert_t;

typedef struct {
    int count;
    char *names[EVALUATION_TYPOLOGIES_MAX];
} name_list_t;

struct evaluation {
    scored_transfer_t *by_id, **ordered;
    uint32_t transfer_count;
    membership_t *memberships;
    size_t membership_count, membership_capacity;
    planted_pattern_t *by_name, **patterns;
    size_t pattern_count, pattern_capacity;
    judged_alert_t *alerts;
    size_t alert_count, alert_capacity;
    name_list_t typologies, alert_typologies;
    uint64_t truths_unknown;
};

/* Position of the first transfer of a part. */
uint32_t evaluation_part_begin(const evaluation_t *evaluation, part_t part);
