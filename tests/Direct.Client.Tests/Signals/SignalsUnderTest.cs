using Direct.Client.Tests.Fakes;
using Direct.Testing.Linked;
using Direct.Testing.Metrics;
using Direct.Testing.Time;

namespace Direct.Client.Tests.Signals;

/// <summary>Represents a <see cref="DirectSignals"/> on a scripted handler and a clock that a test moves. Its random waits are half of their limit: 0.5 s, 1 s, 2 s, 4 s, 5 s.</summary>
internal sealed class SignalsUnderTest : IDisposable
{
    public const string Key = "6f1e0d9a55c84b7a9e21b0a7c4d2e1f8";

    private readonly ScriptedHandler _handler;

    public SignalsUnderTest(params Func<SentRequest, HttpResponseMessage>[] script)
        : this(_ => { }, script)
    {
    }

    public SignalsUnderTest(Action<DirectSignalsOptions> configure, params Func<SentRequest, HttpResponseMessage>[] script)
    {
        var options = new DirectSignalsOptions { Gateways = { new Uri("http://a.example:8085"), new Uri("http://b.example:8085/base") }, Key = Key };
        configure(options);
        _handler = new ScriptedHandler(Time, script);
        Signals = new DirectSignals(options, () => new HttpClient(_handler, disposeHandler: false), Logger, Meters, Time, new FixedRandom(0.5));
        First = options.Gateways[options.Gateways.Count / 2].Authority;
    }

    public DirectSignals Signals { get; }

    public ManualTimeProvider Time { get; } = new();

    public TestMeters Meters { get; } = new();

    public RecordingLogger<DirectSignals> Logger { get; } = new();

    public IReadOnlyList<SentRequest> Requests => _handler.Requests;

    /// <summary>Gets the gateway that the first call begins with.</summary>
    public string First { get; }

    /// <summary>Moves the clock by what a call waits for, until it ends.</summary>
    public async Task<T> EndAsync<T>(Task<T> call)
    {
        await Deadline.UntilAsync(
            "the call ends",
            () =>
            {
                if (!call.IsCompleted && Time.ArmedTimers == 1)
                {
                    Time.TryAdvanceToNextTimer();
                }

                return call.IsCompleted;
            });
        return await call;
    }

    /// <summary>Waits until a call waits for the clock alone.</summary>
    public Task WaitsAsync(int requests) => Deadline.UntilAsync($"{requests} requests, and a wait", () => Requests.Count == requests && Time.ArmedTimers == 1, actual: () => $"{Requests.Count} requests, {Time.ArmedTimers} timers");

    public void Dispose()
    {
        Meters.Dispose();
        _handler.Dispose();
    }
}
