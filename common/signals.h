/* SIGTERM and SIGINT ask the process to stop; whoever loops looks at stop_requested(). SIGPIPE is ignored. */
#pragma once

#include <stdbool.h>

void signals_init(void);
bool stop_requested(void);
void stop_request(void); /* as if a signal had come */
/* Sleeps, but at most until a stop is asked for. Returns stop_requested(). */
bool stop_wait(int timeout_ms);
/* Ends the process with exit code 0 when it has not ended by itself by then: for what is waited for in calls
 * that nothing interrupts, where all that matters is committed. */
void stop_deadline(int seconds);
