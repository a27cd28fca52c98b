/* The tables, as a list of steps that only ever grows: a step that was released is never changed. */
#pragma once

typedef struct {
    int version; /* 1, 2, 3 … */
    const char *name;
    const char *sql;
} migration_t;

extern const migration_t migrations[]; /* ends with version 0 */
