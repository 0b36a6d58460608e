using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Load;

/// <summary>Represents a client that stays in one room, and reconnects through another gateway when it is closed. Some of these clients broadcast.</summary>
internal sealed class StableClient(History history, GatewayList gateways, GatewayTarget home, (long Group, long Channel) place)
{
    private static readonly TimeSpan ComeBackAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan TalkEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>Gets the connection once it is in its room; otherwise null.</summary>
    public LoadConnection? Connection { get; private set; }

    public async Task RunAsync(CancellationToken stopping)
    {
        var gateway = home;
        while (!stopping.IsCancellationRequested)
        {
            if (await LoadConnection.TryOpenAsync(history, gateway) is { } connection)
            {
                if (place is (0, 0) || await connection.JoinAsync(place.Group, place.Channel))
                {
                    Connection = connection;
                }

                await connection.Reading;
                Connection = null;
            }

            await Task.Delay(ComeBackAfter, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            gateway = gateways.Other(gateway);
        }
    }

    public async Task TalkAsync(CancellationToken stopping)
    {
        // Order is guaranteed within one connection only. A broadcast through a gateway that was cut off may arrive after those of the next connection.
        LoadConnection? speaker = null;
        SignalKey key = default;
        while (!stopping.IsCancellationRequested)
        {
            if (Connection is { } connection)
            {
                key = connection == speaker ? key with { Number = key.Number + 1 } : new SignalKey(history.AddStream(), 1);
                speaker = connection;
                var aim = place is (0, 0) ? Aim.Lobby : new Aim(place.Group, place.Channel, 0);
                history.Add(new SignalRecord(key, aim) { IsBroadcast = true, Attempts = { new Attempt(connection.Gateway.Run, Clock.Now) } });
                connection.Say($":{key}");
            }

            await Task.Delay(TalkEvery, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
