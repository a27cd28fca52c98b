/* The terminal that the live view takes over: alternate screen, no cursor, no echo; and gives back. */
#pragma once

#include "common/buf.h"

#include <stdbool.h>

bool terminal_is_there(void); /* standard output is one */
/* Its size, or 80 by 24 where it has none. */
void terminal_size(int *columns, int *lines);
bool terminal_wants_color(void); /* a terminal, and neither NO_COLOR nor TERM=dumb */
bool terminal_takes_utf8(void);

void terminal_enter(void);
void terminal_leave(void);
/* Draws lines with "\n" between them over what is there, in one write. False when the terminal is gone. */
bool terminal_draw(const buf_t *page);
/* Sleeps until the time is over, the process is to stop, or the size has changed. */
void terminal_wait(int timeout_ms);
