using Direct.Testing.Time;

namespace Direct.Client.Tests.Fakes;

/// <summary>Represents a started <see cref="DirectConnection"/> to a scripted gateway. It connects again without a wait, unless a test says otherwise.</summary>
internal sealed class ConnectionUnderTest : IAsyncDisposable
{
    public ConnectionUnderTest(Action<DirectConnectionOptions>? configure = null, bool start = true)
    {
        var options = new DirectConnectionOptions { ReconnectDelay = TimeSpan.Zero, MaxReconnectDelay = TimeSpan.Zero, TokenProvider = (_, _) => ValueTask.FromResult("token") };
        configure?.Invoke(options);
        Connection = new DirectConnection(Gateway.Url, options);
        Started = start ? Connection.StartAsync(TestContext.Current.CancellationToken) : Task.CompletedTask;
    }

    public ScriptedGateway Gateway { get; } = new();

    public DirectConnection Connection { get; }

    public Task Started { get; }

    /// <summary>Reads events until one matches, and returns it.</summary>
    public Task<DirectEvent> ReadUntilAsync(Func<DirectEvent, bool> matches) => Deadline.RunAsync("an event", async cancellationToken =>
        await Connection.ReadAllAsync(cancellationToken).FirstAsync(matches, cancellationToken));

    public async Task<T> ReadAsync<T>()
        where T : DirectEvent => (T)await ReadUntilAsync(happened => happened is T);

    public Task<DirectEvent> ReadStateAsync(DirectConnectionState state) => ReadUntilAsync(happened => happened is DirectStateChange change && change.State == state);

    /// <summary>Reads the events that are left after the connection has ended.</summary>
    public Task<List<DirectEvent>> ReadToEndAsync() => Deadline.RunAsync("the end of the events", async cancellationToken => await Connection.ReadAllAsync(cancellationToken).ToListAsync(cancellationToken));

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync(); // first, so that nobody waits for the answer to a close frame
        await Connection.DisposeAsync();
    }
}
