/* Asks a process of ours over HTTP, for the commands. */
#pragma once

#include "common/err.h"

#include <jansson.h>

typedef struct fetcher fetcher_t;

/* `api` is its address, as http://127.0.0.1:8080. */
err_t *fetcher_new(const char *api, fetcher_t **out);
void fetcher_free(fetcher_t *fetcher);

/* The JSON at a path ("/alerts?limit=5"); the caller frees it. Waits a few seconds at most, less when the
 * process is to stop. */
err_t *fetcher_get(fetcher_t *fetcher, const char *path, json_t **out);
/* Of the last answer, 200 and others; 0: there was none. */
long fetcher_status(const fetcher_t *fetcher);
