namespace Direct.Testing.Databases;

/// <summary>
/// Servers whose new connections begin with settings that change what statements do. Some settings exclude each other, so there are two of
/// them. Tests end each of these settings for the statements of their own by <see cref="Undo"/>.
/// </summary>
public static class OddDefaults
{
    /// <summary>Begins the statements of a test itself, so that they mean what they say on any server.</summary>
    public const string Undo = """
        SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE;
        SET SESSION autocommit = 1, completion_type = 0, sql_mode = 'STRICT_TRANS_TABLES', time_zone = '+00:00',
            sql_select_limit = 18446744073709551615, sql_safe_updates = 0, sql_big_selects = 1, sql_auto_is_null = 0;

        """;

    /// <summary>Modes that change how text is read and compared, transactions that stay open, and few rows.</summary>
    /// <param name="rows">How many a statement may give and read.</param>
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

    /// <summary>Returns the dialect of Oracle, transactions that only read and lock what they read, and settings that only <c>init_connect</c> makes.</summary>
    /// <param name="rows">How many a statement may give.</param>
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
