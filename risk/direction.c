#include "risk/direction.h"

const char *const direction_names[DIRECTION_COUNT] = {
    [DIRECTION_SOURCE] = "source",
    [DIRECTION_DESTINATION] = "destination",
    [DIRECTION_EITHER] = "either",
};
