/* The thread that talks to Postgres: it does one job at a time, and tries it until it is done, refused or
 * abandoned. While it works or waits for Postgres to come back, the other thread goes on with Kafka. */
#pragma once

#include "common/err.h"
#include "sink/batch.h"
#include "sink/batch_write.h"
#include "sink/status.h"

#include <stdbool.h>

typedef struct writer writer_t;

typedef enum {
    JOB_DONE,
    JOB_REFUSED,   /* of a batch: sink_offsets is not where it should be */
    JOB_ABANDONED, /* nothing is known; sink_offsets tells at the next start */
} job_outcome_t;

/* Exactly one of the two. The writer owns it until the job was taken back. */
typedef struct {
    batch_t *batch;        /* to be written */
    position_t *positions; /* to be loaded */
    int position_count;
    job_outcome_t outcome;
} job_t;

typedef struct {
    postgres_options_t postgres; /* `abandoned` is the writer's own */
    write_options_t write;
    bool migrates; /* bring the tables up to date first */
} writer_options_t;

/* Connects in its thread. What the options point to must outlive it. */
writer_t *writer_new(const writer_options_t *options, status_t *status);
/* Ends the job under way, whatever it waits for, and frees what it has of it. */
void writer_free(writer_t *writer);

bool writer_is_idle(writer_t *writer); /* it can be given a job */
void writer_give(writer_t *writer, const job_t *job);
/* Takes a job back that has come to its end; waits for it at most so long. False where there is none. */
bool writer_take(writer_t *writer, int timeout_ms, job_t *job);
/* Why the writer can do no job any more, such as a database that another program migrated; NULL while it
 * can. */
err_t *writer_failure(writer_t *writer);
