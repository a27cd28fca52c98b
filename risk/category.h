/* What a label can say about a wallet. The numbers are stored: only ever append. */
#pragma once

#include "risk/direction.h"
#include "risk/transfer.h"

typedef enum {
    CATEGORY_SANCTIONED,
    CATEGORY_MIXER,
    CATEGORY_DARKNET,
    CATEGORY_SCAM,
    CATEGORY_THEFT,
    CATEGORY_RANSOMWARE,
    CATEGORY_EXCHANGE,
    CATEGORY_SERVICE,
    CATEGORY_COUNT
} category_t;

typedef struct {
    const char *name;
    const char *label_code; /* of the reason at the labelled wallet itself */
    /* of the reason at wallets that its value reached, or came from */
    const char *exposure_codes[DIRECTION_COUNT];
    const char *taint_code; /* of the reason at wallets and transfers that hold its value */
} category_info_t;

extern const category_info_t category_infos[CATEGORY_COUNT];

/* CATEGORY_COUNT where there is none of this name. */
category_t category_of_name(text_t name);
