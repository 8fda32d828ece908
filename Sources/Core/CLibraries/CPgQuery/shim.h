// PostgreSQL 15's parse tree and libpg_query's raw parser.
//
// The node layouts come from PostgreSQL's own headers; the three functions below are libpg_query's, which exports
// them without declaring them in its public header. SQLInspection's self-test compares node tags at start.
#pragma once
#include "postgres.h"
_Static_assert(PG_VERSION_NUM / 10000 == 15, "the walk is written for the parse tree of PostgreSQL 15");
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "nodes/value.h"
#include "pg_query.h"

typedef struct {
    List *tree;
    char *stderr_buffer;
    PgQueryError *error;
} CPgRawParse;

/// Parses `input` (NUL-terminated) in the current memory context.
CPgRawParse pg_query_raw_parse(const char *input);
MemoryContext pg_query_enter_memory_context(void);
void pg_query_exit_memory_context(MemoryContext context);
void pg_query_free_error(PgQueryError *error);
