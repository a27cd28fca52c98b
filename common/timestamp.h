/* Times are milliseconds since 1970-01-01T00:00:00Z unless a name says otherwise. */
#pragma once

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TIMESTAMP_SIZE_MAX = 32 };

/* ISO 8601: `2026-01-02`, `2026-01-02T03:04`, seconds and fraction optional, `T` or a space, `Z`, `+hh:mm`,
 * `+hhmm` or nothing, which means UTC. Years 1 to 9999. Also digits alone (with fraction, exponent or sign):
 * see timestamp_of_number. */
bool timestamp_parse(const char *text, size_t size, int64_t *ms);
/* Unix seconds where |value| < 1e11 (to the year 5138), else milliseconds. False where it is not finite or
 * past year 9999. */
bool timestamp_of_number(double value, int64_t *ms);
/* `2026-01-02T03:04:05.678Z`, always 24 bytes and a NUL. */
void timestamp_format(int64_t ms, char out[TIMESTAMP_SIZE_MAX]);
void buf_add_timestamp(buf_t *buf, int64_t ms); /* with quotes, for JSON */

int64_t clock_now_ms(void);       /* wall clock */
int64_t clock_monotonic_us(void); /* for durations */
