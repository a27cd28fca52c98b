/* Scores of quiet wallets fall as their findings fade, in event time.
 *
 * A wallet with findings waits in a queue for the hour in which its score will have fallen by a point or to
 * another level. When the task's stream time comes there, the wallet is judged as of then, told, and queued
 * again. The work is shared out over the transfers, a little after each.
 *
 * Layout of 'S': fade_t. Of 'D' + hour + index: the name of a wallet; of 'Q' + hour: uint32 count of them. */
#pragma once

#include "risk/stream_time.h"

enum { FADE_VERSION = 1 };

typedef struct {
    stream_time_t stream;
    uint32_t hour; /* since 1970, from 1: the next one of the queue. Before that has begun the earliest one in
                      it; 0: none */
    uint32_t index; /* within it */
    uint8_t version;
    uint8_t changed; /* since it was stored; 0 in the store */
    uint8_t has_begun;
    uint8_t unused[5];
} fade_t;
