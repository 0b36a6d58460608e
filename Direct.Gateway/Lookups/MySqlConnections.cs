using System.Data;
using System.Globalization;
using Direct.Gateway.Diagnostics;
using Direct.Grains.Membership;
using MySqlConnector;

namespace Direct.Gateway.Lookups;

/// <summary>Provides a bounded number of connections to a database for look-ups, and works with fewer if the server allows fewer.</summary>
internal sealed partial class MySqlConnections : IAsyncDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    // The end of the time for work cancels a query by a second connection. If the database hangs, the timeout of the command has closed the socket before.
    private static readonly TimeSpan WorkMargin = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger;
    private readonly int _maxConnections;
    private readonly ConnectionSlots _slots;
    private readonly TimeSpan _timeout;
    private readonly string _connectionString;
    private readonly string _settings;
    private readonly int _timeoutSeconds;
    private int _isLimited;

    /// <param name="settings">How to reach the database. Timeouts and the size of the pool are set here.</param>
    /// <param name="maxConnections">The largest number of connections.</param>
    /// <param name="timeout">How long a caller may wait for a connection, and the longest time of one query.</param>
    /// <param name="logger">The logger of the owner.</param>
    public MySqlConnections(MySqlConnectionStringBuilder settings, int maxConnections, TimeSpan timeout, ILogger logger)
    {
        _logger = logger;
        _maxConnections = maxConnections;
        _slots = new ConnectionSlots(_maxConnections);
        _timeout = timeout;
        _timeoutSeconds = (int)Math.Ceiling(_timeout.TotalSeconds);
        settings.Pooling = true;
        settings.MaximumPoolSize = (uint)_maxConnections;
        settings.ConnectionReset = true; // checks whether a pooled connection is usable before it is used
        settings.ConnectionTimeout = (uint)_timeoutSeconds;

        // A timeout closes the socket. The alternative, KILL QUERY, would block a thread of the pool while the database hangs.
        settings.CancellationTimeout = -1;
        _connectionString = settings.ConnectionString;
        Location = MySqlConnectionString.Location(_connectionString);

        // A server may begin connections with any settings, and restores them on a pooled connection. Each query therefore begins with the settings
        // that its result depends on, in the same packet. The last setting makes the database end queries that no caller waits for: MariaDB reads its
        // first form, MySQL the second.
        _settings = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;
            SET SESSION autocommit = 1, sql_mode = '', sql_select_limit = 18446744073709551615, sql_big_selects = 1
                /*M!100101 , max_statement_time = {_timeout.TotalSeconds:0.###} */ /*!50708 , max_execution_time = {_timeout.TotalMilliseconds:0} */;
            """);
    }

    /// <summary>Gets the server and the database, as text for people.</summary>
    public string Location { get; }

    /// <summary>Creates a command that begins with the settings that the result of its query depends on.</summary>
    public MySqlCommand Command(MySqlConnection connection, string sql) =>
        new($"{_settings}\n{sql}", connection) { CommandTimeout = _timeoutSeconds + 1 };

    /// <summary>
    /// Runs work with a connection, after the connections of earlier callers have become free. The work receives a token that is cancelled shortly
    /// after the longest time of one query, however many results it reads.
    /// </summary>
    /// <exception cref="TimeoutException">The time was up.</exception>
    public async Task<T> UseAsync<T>(Func<MySqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = new MySqlConnection(_connectionString);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        var hasSlot = false;
        try
        {
            while (connection.State is not ConnectionState.Open)
            {
                if (!hasSlot)
                {
                    await _slots.WaitAsync(limit.Token);
                    hasSlot = true;
                }

                hasSlot = await TryOpenAsync(connection, limit.Token, cancellationToken);
            }

            limit.CancelAfter(_timeout + WorkMargin);
            return await work(connection, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(connection.State is ConnectionState.Open
                ? $"the database did not answer all of a look-up within {_timeout.TotalSeconds:0.###} s"
                : $"no connection became free within {_timeout.TotalSeconds:0.###} s");
        }
        catch (MySqlException)
        {
            // The pooled connections have probably failed for the same reason, and checking each would cost a timeout.
            await MySqlConnection.ClearPoolAsync(connection, CancellationToken.None);
            throw;
        }
        finally
        {
            await connection.CloseAsync(); // first, so that it is in the pool when the next caller gets the slot
            if (hasSlot)
            {
                _slots.Release();
            }
        }
    }

    /// <summary>Allows one more connection again, if the server has refused some, because a query has just succeeded.</summary>
    public void Restore()
    {
        _slots.Restore();
        if (_slots.Count == _maxConnections)
        {
            Volatile.Write(ref _isLimited, 0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await using var connection = new MySqlConnection(_connectionString);
        await MySqlConnection.ClearPoolAsync(connection);
        _slots.Dispose();
    }

    // A healthy server may allow no more connections, for this user or for all. This is not an outage: others are open, and one of them will become
    // free. Returns false if the slot is removed as well.
    private async Task<bool> TryOpenAsync(MySqlConnection connection, CancellationToken limit, CancellationToken cancellationToken)
    {
        try
        {
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (MySqlException exception) when (exception.ErrorCode is MySqlErrorCode.ConnectionCountError
            or MySqlErrorCode.TooManyUserConnections or MySqlErrorCode.UserLimitReached)
        {
            if (Interlocked.Exchange(ref _isLimited, 1) == 0)
            {
                Log.Limited(_logger, Location, exception.Message);
            }

            if (_slots.TryRemove())
            {
                return false;
            }

            await Task.Delay(RetryInterval, limit);
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.ConnectionsLimited, LogLevel.Warning,
            "{Location} allows no more connections, look-ups wait for those that are open: {Reason}")]
        public static partial void Limited(ILogger logger, string location, string reason);
    }
}
