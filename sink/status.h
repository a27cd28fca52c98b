/* Whether the sink can do its work now, for /ready. Thread-safe. */
#pragma once

#include "common/http.h"

#include <stdbool.h>

typedef struct status status_t;

typedef enum { PART_POSTGRES, PART_GROUP, PART_KAFKA, PART_COUNT } part_t;

status_t *status_new(void); /* every part is still starting */
void status_free(status_t *status);
/* `reason` NULL: the part is well. */
void status_set(status_t *status, part_t part, const char *reason);
bool status_is_well(status_t *status, part_t part);

/* Their context is the status_t. */
extern const http_route_t status_routes[];
