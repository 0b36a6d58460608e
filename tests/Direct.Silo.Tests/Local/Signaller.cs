using System.Collections.Concurrent;
using System.Net;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Silo.Tests.Local;

/// <summary>Represents a backend that goes on signalling, one signal after another in each stream, until it is told to stop.</summary>
internal sealed class Signaller : IAsyncDisposable
{
    private static readonly TimeSpan RepeatFor = TimeSpan.FromMinutes(1);

    // A connection for each request: HttpClient by itself repeats what it has sent on one that turns out to be dead.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Uri _balancer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<int, int> _last;
    private readonly ConcurrentDictionary<(int Stream, int Number), bool> _accepted = new();
    private readonly Task[] _running;

    public Signaller(int balancerPort, params SignalStream[] streams)
    {
        _balancer = new Uri($"http://127.0.0.1:{balancerPort}");
        _http.DefaultRequestHeaders.ConnectionClose = true;
        _last = new(streams.ToDictionary(stream => stream.Number, _ => 0));
        _running = [.. streams.Select(stream => Task.Run(() => RunAsync(stream)))];
    }

    /// <summary>Gets the number of each stream that is sent next: a client that has it, or a later one, receives what is sent from now on.</summary>
    public IReadOnlyDictionary<int, int> Next => _last.ToDictionary(last => last.Key, last => last.Value + 1);

    /// <summary>Gets how many signals were accepted.</summary>
    public int Accepted => _accepted.Count;

    /// <summary>Returns whether it was answered 200 or 202.</summary>
    public bool IsAccepted(int stream, int number) => _accepted.ContainsKey((stream, number));

    /// <summary>One signal; null without an answer.</summary>
    public async Task<SignalReceipt?> TrySendAsync(string part, string message, string? id = null)
    {
        try
        {
            var query = $"/!direct-signal?part={part}&message={message}{(id is null ? "" : "&id=" + id)}";
            using var response = await _http.GetAsync(new Uri(_balancer, query));
            return await SignalReceiptReader.ReadAsync(response);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Ends it after the signals it is at; throws when one could not be had accepted.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(SignalStream stream)
    {
        for (var number = 1; !_stopping.IsCancellationRequested; number++)
        {
            _last[stream.Number] = number;
            var message = FormattableString.Invariant($"s{stream.Number}.{number}");
            if (stream.HasIds)
            {
                await Deadline.UntilAsync($"signal {message} is accepted", () => TryAsync(stream, number, message, message), RepeatFor);
            }
            else
            {
                await TryAsync(stream, number, message, id: null);
            }

            await Deadline.PaceAsync();
        }
    }

    private async Task<bool> TryAsync(SignalStream stream, int number, string message, string? id)
    {
        var answer = await TrySendAsync(stream.Part, message, id);
        switch (answer?.Status)
        {
            case HttpStatusCode.OK or HttpStatusCode.Accepted:
                _accepted[(stream.Number, number)] = true;
                return true;
            case null or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway:
                await Deadline.PaceAsync();
                return false;
            default:
                throw new InvalidOperationException($"signal {message}: {answer}");
        }
    }
}
