/* A thread that runs the maintenance from time to time, on a connection of its own. */
#pragma once

#include "sink/maintain.h"

typedef struct maintainer maintainer_t;

typedef struct {
    const char *url; /* must outlive it */
    maintain_options_t tables;
    int64_t interval_s;
} maintainer_options_t;

maintainer_t *maintainer_new(const maintainer_options_t *options);
void maintainer_free(maintainer_t *maintainer); /* ends what is under way; NULL is allowed */
