using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Load;

/// <summary>Provides clients that join and reconnect all the time.</summary>
internal static class ReconnectingClients
{
    private static readonly TimeSpan ComeBackAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>Specifies how long a client waits for a join before it leaves its gateway.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    /// <summary>Stays connected and joins one room after another.</summary>
    public static async Task HopAsync(History history, GatewayList gateways, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            if (await LoadConnection.TryOpenAsync(history, gateways.Any()) is not { } connection)
            {
                await PauseAsync(ComeBackAfter, stopping);
                continue;
            }

            while (!stopping.IsCancellationRequested && await JoinSomewhereAsync(connection))
            {
                await PauseAsync(TimeSpan.FromMilliseconds(Random.Shared.Next(10, 250)), stopping);
            }

            await GoAsync(connection, politely: true);
        }
    }

    /// <summary>Connects, joins, receives and leaves again and again; half of the times without a close frame.</summary>
    public static async Task VisitAsync(History history, GatewayList gateways, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            if (await LoadConnection.TryOpenAsync(history, gateways.Any()) is not { } connection)
            {
                await PauseAsync(ComeBackAfter, stopping);
                continue;
            }

            if (await JoinSomewhereAsync(connection))
            {
                await PauseAsync(TimeSpan.FromMilliseconds(Random.Shared.Next(50, 2000)), stopping);
            }

            await GoAsync(connection, politely: Random.Shared.Next(2) == 0);
        }
    }

    private static async Task<bool> JoinSomewhereAsync(LoadConnection connection)
    {
        var (group, channel) = LoadPlan.Rooms[Random.Shared.Next(LoadPlan.Rooms.Count)];
        var joining = connection.JoinAsync(group, channel);
        return await Task.WhenAny(joining, Task.Delay(Patience)) == joining && await joining;
    }

    private static async Task GoAsync(LoadConnection connection, bool politely)
    {
        if (connection.Record.ClosedAt == Clock.Never)
        {
            connection.Leave(politely);
            await Task.WhenAny(connection.Reading, Task.Delay(TimeSpan.FromSeconds(1)));
        }

        connection.Dispose();
    }

    private static async Task PauseAsync(TimeSpan pause, CancellationToken stopping) =>
        await Task.Delay(pause, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
