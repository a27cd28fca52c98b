/* First bytes of the keys that the state keeps for itself. The risk model's keys begin with letters. */
#pragma once

enum {
    KEY_SEEN = 1,       /* + 16-byte id → int64 record time: an id that was seen; in the map only */
    KEY_META = 2,       /* → meta_t */
    KEY_SEEN_BATCH = 3, /* + segment + index → the ids one commit saw; in the changelog only */
    KEY_SEGMENT = 4,    /* + segment → uint32 count of its batches */
    KEY_POSITION = 5,   /* → int64 changelog offset that the map stands for; in the map only */
};
