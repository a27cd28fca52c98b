/* Progress of long work on stderr: a bar that stays on one line on a terminal, else a log line every few
 * seconds, after a minute each minute. */
#pragma once

#include <stdint.h>

typedef struct progress progress_t;

/* `what` is counted: "transfers"; static. */
progress_t *progress_new(const char *what);
/* `more` of them are done; `share` is 0 to 1, negative where the whole is not known. Cheap: draws only now
 * and then. */
void progress_tell(progress_t *progress, uint64_t more, double share);
/* Takes the bar away, and frees. */
void progress_free(progress_t *progress);
