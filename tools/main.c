/* The program: finds the command, reads its settings, runs it. */
#include "api/api.h"
#include "common/log.h"
#include "common/settings.h"
#include "common/signals.h"
#include "processor/command.h"
#include "sink/sink.h"
#include "tools/backtest.h"
#include "tools/evaluate.h"
#include "tools/explain.h"
#include "tools/features.h"
#include "tools/ingest.h"
#include "tools/labels.h"
#include "tools/prices.h"
#include "tools/rules.h"
#include "tools/runs.h"
#include "tools/simulate.h"
#include "tools/topics.h"
#include "tools/watch.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const command_t *const commands[] = {
    &processor_command,
    &sink_command,
    &migrate_command,
    &maintain_command,
    &dlq_command,
    &api_command,
    &backtest_command,
    &evaluate_command,
    &explain_command,
    &features_command,
    &ingest_command,
    &labels_command,
    &prices_command,
    &rules_command,
    &runs_command,
    &simulate_command,
    &topics_command,
    &watch_command,
    NULL,
};

enum { COMMANDS_MAX = sizeof commands / sizeof *commands };

static void print_help(FILE *out) {
    fputs("Usage: amlstream COMMAND [flags] [arguments]\n\n"
          "Scores crypto transfers for money laundering as they stream through Kafka.\n\nCommands:\n",
          out);
    for (const command_t *const *command = commands; *command; command++) {
        fprintf(out, "  %-10s %s\n", (*command)->name, (*command)->summary);
    }
    fprintf(out,
            "\namlstream COMMAND --help lists the command's settings. --version prints the version.\n"
            "\nExit codes:\n"
            "  %d  done, or stopped as asked\n"
            "  %d  the work could not be done; the message says why\n"
            "  %d  a flag, setting or argument is wrong\n"
            "  %d  Kafka or Postgres did not answer in time; trying again may help\n"
            "  %d  state or topics contradict each other; needs a person\n",
            EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_UNAVAILABLE, EXIT_STATE);
}

static const command_t *command_find(const char *name) {
    for (const command_t *const *command = commands; *command; command++) {
        if (strcmp((*command)->name, name) == 0) return *command;
    }
    return NULL;
}

static int unknown_command(const char *name) {
    const char *names[COMMANDS_MAX] = {NULL};
    for (int i = 0; commands[i]; i++) names[i] = commands[i]->name;
    const char *nearest = settings_nearest(name, names);
    fprintf(stderr, "amlstream: there is no command \"%s\"; %s%s%samlstream --help lists them\n", name,
            nearest ? "did you mean " : "", nearest ? nearest : "", nearest ? "? " : "");
    return EXIT_USAGE;
}

static err_t *command_run(const command_t *command, int argc, char **argv) {
    settings_t *settings;
    log_init(command->name, LOG_LEVEL_INFO);
    settings_register(commands);
    TRY(settings_new(command, argc, argv, &settings));
    log_init(command->name, log_level_of(settings_get(settings, "LOG_LEVEL")));
    signals_init();
    err_t *err = command->run(settings);
    settings_free(settings);
    return err;
}

/* A person reads the terminal and what a flag did wrong; what runs unattended keeps to log lines. */
static int report(const command_t *command, err_t *err) {
    if (!err) return EXIT_OK;
    int code = err_exit_code(err);
    if (code == EXIT_USAGE)
        fprintf(stderr, "amlstream %s: %s\n", command->name, err_message(err));
    else
        log_error(err_message(err), LOG_INT("exit_code", code));
    err_free(err);
    return code;
}

int main(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "";
    if (!*name) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return EXIT_OK;
    }
    if (strcmp(name, "--version") == 0) {
        puts("amlstream " AMLSTREAM_VERSION);
        return EXIT_OK;
    }
    const command_t *command = command_find(name);
    if (!command) return unknown_command(name);
    return report(command, command_run(command, argc - 2, argv + 2));
}
