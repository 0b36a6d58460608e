namespace Direct.Testing.Databases;

/// <summary>
/// Starts servers whose session defaults change the meaning of statements. There are two of them because some settings exclude each other. Tests
/// reset these settings for their own statements with <see cref="Undo"/>.
/// </summary>
public static class OddDefaults
{
    /// <summary>Provides the statements that a test puts before its own, so that they have the same meaning on any server.</summary>
    public const string Undo = """
        SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE;
        SET SESSION autocommit = 1, completion_type = 0, sql_mode = 'STRICT_TRANS_TABLES', time_zone = '+00:00',
            sql_select_limit = 18446744073709551615, sql_safe_updates = 0, sql_big_selects = 1, sql_auto_is_null = 0;

        """;

    /// <summary>Starts a server with modes that change how text is read and compared, with transactions that stay open, and with a row limit.</summary>
    /// <param name="rows">How many rows a statement may return and examine.</param>
    public static Task<MariaDb> StartOpenTransactionsAsync(int rows) => MariaDb.StartAsync(
        ["--character-set-client-handshake=0", "--character-set-server=latin1", "--collation-server=latin1_german1_ci"],
        [
            "sql_mode = 'ANSI_QUOTES,PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,HIGH_NOT_PRECEDENCE,IGNORE_SPACE'",
            "autocommit = 0",
            "tx_isolation = 'READ-UNCOMMITTED'",
            "completion_type = 'CHAIN'",
            "time_zone = '-08:00'",
            FormattableString.Invariant($"sql_select_limit = {rows}"),
            FormattableString.Invariant($"max_join_size = {rows}"), // sets sql_big_selects = 0
            "sql_safe_updates = 1",
            "sql_auto_is_null = 1",
            "big_tables = 1",
            "foreign_key_checks = 0",
            "unique_checks = 0",
        ]);

    /// <summary>
    /// Starts a server with the Oracle dialect, with read-only transactions that lock the rows they read, and with settings that only
    /// <c>init_connect</c> applies.
    /// </summary>
    /// <param name="rows">How many rows a statement may return.</param>
    public static Task<MariaDb> StartLockingTransactionsAsync(int rows) => MariaDb.StartAsync(
        [],
        [
            "sql_mode = 'ORACLE'",
            "tx_isolation = 'SERIALIZABLE'",
            "tx_read_only = 1",
            "completion_type = 'RELEASE'",
            "time_zone = '+13:00'",
            FormattableString.Invariant($"init_connect = 'SET SESSION sql_select_limit = {rows}, autocommit = 0, time_zone = ''+05:30'''"),
        ]);
}
