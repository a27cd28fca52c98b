/* Which way value went between a wallet and the labelled wallets of its exposure. The numbers are stored:
 * only ever append. */
#pragma once

typedef enum {
    DIRECTION_SOURCE,      /* value came from there: exposure goes along the edges */
    DIRECTION_DESTINATION, /* value went there: exposure goes against the edges */
    DIRECTION_EITHER,      /* edges count both ways */
    DIRECTION_COUNT
} direction_t;

extern const char *const direction_names[DIRECTION_COUNT];
