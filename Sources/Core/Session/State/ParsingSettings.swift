/// The settings of a session that can change what a statement means once it is prepared: what parse analysis reads, and
/// what the planner folds into constants.
struct ParsingSettings: Hashable, Sendable {
    let values: [String: String]
    private let hash: Int

    init(_ all: [String: String]) {
        values = all.filter { !Self.others.contains($0.key) }
        hash = values.settingsHash
    }

    static func == (left: Self, right: Self) -> Bool {
        left.hash == right.hash && left.values.hasSameSettings(as: right.values)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }

    /// PostgreSQL 15's settings that change how a statement is run, reported or logged and never what it says, each
    /// looked at. A setting that is not here counts. `bytea_output` and `extra_float_digits` do: constants are folded
    /// into text when a statement is planned.
    private static let others = Set(
        """
        application_name backend_flush_after backtrace_functions check_function_bodies client_connection_check_interval
        client_min_messages commit_delay commit_siblings compute_query_id cpu_index_tuple_cost cpu_operator_cost
        cpu_tuple_cost cursor_tuple_fraction deadlock_timeout debug_pretty_print debug_print_parse debug_print_plan
        debug_print_rewritten default_statistics_target default_transaction_deferrable default_transaction_isolation
        default_transaction_read_only effective_cache_size effective_io_concurrency enable_async_append
        enable_bitmapscan enable_gathermerge enable_hashagg enable_hashjoin enable_incremental_sort
        enable_indexonlyscan enable_indexscan enable_material enable_memoize enable_mergejoin enable_nestloop
        enable_parallel_append enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate
        enable_partitionwise_join enable_seqscan enable_sort enable_tidscan exit_on_error force_parallel_mode
        from_collapse_limit geqo geqo_effort geqo_generations geqo_pool_size geqo_seed geqo_selection_bias
        geqo_threshold gin_fuzzy_search_limit gin_pending_list_limit hash_mem_multiplier
        idle_in_transaction_session_timeout idle_session_timeout ignore_checksum_failure jit jit_above_cost
        jit_dump_bitcode jit_expressions jit_inline_above_cost jit_optimize_above_cost jit_tuple_deforming
        join_collapse_limit lc_messages lock_timeout log_duration log_error_verbosity log_executor_stats
        log_lock_waits log_min_duration_sample log_min_duration_statement log_min_error_statement log_min_messages
        log_parameter_max_length log_parameter_max_length_on_error log_parser_stats log_planner_stats
        log_replication_commands log_statement log_statement_sample_rate log_statement_stats log_temp_files
        log_transaction_sample_rate logical_decoding_work_mem maintenance_io_concurrency maintenance_work_mem
        max_parallel_maintenance_workers max_parallel_workers max_parallel_workers_per_gather
        min_parallel_index_scan_size min_parallel_table_scan_size parallel_leader_participation parallel_setup_cost
        parallel_tuple_cost password_encryption plan_cache_mode random_page_cost recursive_worktable_factor
        seq_page_cost statement_timeout stats_fetch_consistency synchronize_seqscans synchronous_commit
        tcp_keepalives_count tcp_keepalives_idle tcp_keepalives_interval tcp_user_timeout temp_buffers
        temp_file_limit temp_tablespaces trace_notify trace_sort track_activities track_counts track_functions
        track_io_timing track_wal_io_timing update_process_title vacuum_cost_delay vacuum_cost_limit
        vacuum_cost_page_dirty vacuum_cost_page_hit vacuum_cost_page_miss vacuum_failsafe_age vacuum_freeze_min_age
        vacuum_freeze_table_age vacuum_multixact_failsafe_age vacuum_multixact_freeze_min_age
        vacuum_multixact_freeze_table_age wal_compression wal_init_zero wal_recycle wal_sender_timeout
        wal_skip_threshold work_mem
        """.split(whereSeparator: \.isWhitespace).map(String.init)
    )
}

extension [String: String] {
    /// A hash that does not depend on the order of entries.
    var settingsHash: Int {
        reduce(0) { sum, entry in
            var hasher = Hasher()
            hasher.combine(entry.key)
            hasher.combine(entry.value)
            return sum &+ hasher.finalize()
        }
    }

    /// Whether both have the same entries, byte by byte: Swift's own comparison takes canonically equivalent spellings
    /// for the same.
    func hasSameSettings(as other: Self) -> Bool {
        count == other.count
            && allSatisfy { name, value in other[name]?.hasSameBytes(as: value) ?? false }
    }
}
