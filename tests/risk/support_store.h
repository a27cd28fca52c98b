/* A store in memory without transactions: what the model sees, nothing more. */
#pragma once

#include "common/store.h"

store_t *memory_store_new(void);
void memory_store_free(store_t *store);
