/* All values of the rules in one table: where each stands in the file, what it may be, where it is kept.
 * Reading, showing and versions go over the table, so a new value is one row of rules_table.c. */
#pragma once

#include "risk/rules_fields.h"

enum { RULE_DEPTH_MAX = 5 };

typedef enum {
    RULE_NUMBER, /* double */
    RULE_WHOLE,  /* int */
    RULE_SWITCH, /* bool */
    RULE_CHOICE, /* int, an index of `choices` */
    RULE_LIST,   /* double[], `*count` of them */
} rule_type_t;

typedef struct {
    const char *path[RULE_DEPTH_MAX]; /* {"detectors", "fan_in", "weight"} */
    int depth;
    rule_type_t type;
    double least, most;         /* of a list: of each number */
    const char *const *choices; /* ends with NULL */
    void *value;
    int *count;    /* of a list */
    int count_max; /* of a list */
} rule_t;

typedef struct {
    rule_t *items;
    int count;
} rule_table_t;

/* The rows point into `rules` and its assets. What belongs together in the file stands together. */
void rule_table_init(rule_table_t *table, rules_t *rules);
void rule_table_clear(rule_table_t *table);
