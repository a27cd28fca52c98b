/* A thread that writes committed layers to the tasks' maps, so that no stream thread waits for the disk. */
#pragma once

#include "processor/task.h"

typedef struct flusher flusher_t;

flusher_t *flusher_new(void);
void flusher_free(flusher_t *flusher); /* after the last task has gone */
/* The task must be FLUSH_NONE with a flush begun in its store; it becomes FLUSH_WRITTEN or FLUSH_FAILED some
 * time later. */
void flusher_submit(flusher_t *flusher, task_t *task);
/* Waits until the task's flush is written or has failed. */
void flusher_wait(flusher_t *flusher, task_t *task);
/* Writes and syncs here and now; also what the thread does. */
void flush_write(task_t *task);
