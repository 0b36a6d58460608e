using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Containers.Tests.Load;

/// <summary>
/// Runs browsers that stay in their rooms and reconnect when they are closed, and backends that signal to these rooms all the time. At the end it
/// reports the lost and the duplicate signals.
/// </summary>
internal sealed class LoadRun : IAsyncDisposable
{
    private const int Rooms = 4;
    private const int BrowsersInARoom = 3;

    /// <summary>Specifies how long a signal that every gateway has accepted may take to reach a browser, on a busy machine.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ComeBackAfter = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RepeatFor = TimeSpan.FromSeconds(120);

    private readonly IReadOnlyList<Entry> _entries;
    private readonly CancellationTokenSource _stopSignalling = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Session> _sessions = [];
    private readonly ConcurrentQueue<Signal> _signals = [];
    private readonly List<Task> _browsers = [];
    private readonly List<Task> _backends = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(12) };
    private int _accepted;

    private LoadRun(IReadOnlyList<Entry> entries, string key)
    {
        _entries = entries;
        _http.DefaultRequestHeaders.Authorization = new("Bearer", key);
    }

    public int Accepted => Volatile.Read(ref _accepted);

    public IReadOnlyCollection<Session> Sessions => _sessions;

    /// <summary>Starts all browsers and backends, and waits until all browsers have joined and the first signals have arrived.</summary>
    public static async Task<LoadRun> StartAsync(IReadOnlyList<Entry> entries, string key)
    {
        var load = new LoadRun(entries, key);
        load._browsers.AddRange(Enumerable.Range(0, Rooms * BrowsersInARoom).Select(browser => Task.Run(() => load.BrowseAsync(browser))));
        load._backends.AddRange(Enumerable.Range(1, Rooms).Select(room => Task.Run(() => load.SignalAsync(room))));
        await load.SettleAsync();
        return load;
    }

    /// <summary>Waits until every browser is connected and this many more signals have been accepted.</summary>
    public async Task SettleAsync(int more = 20)
    {
        var enough = Accepted + more;
        await Deadline.UntilAsync(
            "everybody is there and signals are taken",
            () => Accepted >= enough && _sessions.Count(session => session.ClosedAt == long.MaxValue) == Rooms * BrowsersInARoom,
            TimeSpan.FromMinutes(2),
            () => $"{Accepted} of {enough} signals, {_sessions.Count(session => session.ClosedAt == long.MaxValue)} browsers");
    }

    /// <summary>Ends the load, and returns the broken guarantees.</summary>
    public async Task<IReadOnlyList<string>> FinishAsync()
    {
        await _stopSignalling.CancelAsync();
        await Task.WhenAll(_backends);
        List<string> errors;
        var watch = Stopwatch.StartNew();
        do
        {
            await Deadline.PaceAsync(500);
            errors = Check();
        }
        while (errors.Count > 0 && watch.Elapsed < Slack); // the last accepted signals may still be under way
        return errors;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopSignalling.CancelAsync();
        await _stop.CancelAsync();
        await Task.WhenAll([.. _browsers, .. _backends]);
        _http.Dispose();
        _stop.Dispose();
        _stopSignalling.Dispose();
    }

    private List<string> Check()
    {
        var slack = (long)(Slack.TotalSeconds * Stopwatch.Frequency);
        var errors = new List<string>();
        foreach (var signal in _signals)
        {
            if (signal.AcceptedAt == 0)
            {
                errors.Add($"{signal.Message} was never accepted, in {RepeatFor}");
            }

            foreach (var session in _sessions.Where(session => session.Room == signal.Room))
            {
                var count = session.CountOf(signal.Message);
                var mustHave = signal.AcceptedAt != 0 && session.ConfirmedAt < signal.SentAt
                    && (session.ClosedAt == long.MaxValue || (signal.IsComplete && session.ClosedAt > signal.AcceptedAt + slack));
                if (count > 1)
                {
                    errors.Add($"{signal.Message} came {count} times to {session}");
                }
                else if (count == 0 && mustHave)
                {
                    errors.Add($"{signal.Message} was accepted and never came to {session}");
                }
            }
        }

        return errors;
    }

    private async Task BrowseAsync(int browser)
    {
        var room = (browser % Rooms) + 1;
        for (var attempt = browser / Rooms; !_stop.IsCancellationRequested; attempt++)
        {
            var entry = _entries[attempt % _entries.Count];
            try
            {
                await using var client = await ProtocolClient.ConnectWithTokenAsync(entry.WebSockets, options: HandshakeOptions.Default with { Address = entry.Address });
                await client.JoinAsync(room, 1);
                var session = new Session(room, entry);
                _sessions.Enqueue(session);
                session.End(await ReadAsync(client, session));
            }
            catch (Exception exception) when (exception is SocketException or IOException or UnexpectedFrameException or TimeoutException or Direct.Testing.WebSockets.ProtocolViolationException)
            {
                // Nothing listens, or no longer.
            }

            await Task.Delay(ComeBackAfter, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Returns the close code; 0 without a close frame.
    private async Task<int> ReadAsync(ProtocolClient client, Session session)
    {
        while (true)
        {
            var frame = await client.ReceiveAsync(TimeSpan.FromMinutes(2)).WaitAsync(_stop.Token).ContinueWith(
                task => task.IsCompletedSuccessfully ? task.Result : ServerFrame.EndOf(StreamEnd.Reset), TaskScheduler.Default);
            if (frame.IsEnd)
            {
                return 0;
            }

            if (frame.IsClose)
            {
                return frame.Status.Code;
            }

            session.Receive(frame.Text);
        }
    }

    private async Task SignalAsync(int room)
    {
        for (var number = 1; !_stopSignalling.IsCancellationRequested; number++)
        {
            var signal = new Signal(room, string.Create(CultureInfo.InvariantCulture, $"room-{room}-message-{number}"));
            _signals.Enqueue(signal);
            var watch = Stopwatch.StartNew();
            for (var attempt = room; watch.Elapsed < RepeatFor && !_stop.IsCancellationRequested; attempt++)
            {
                var status = await SendAsync(signal, _entries[attempt % _entries.Count]);
                if (status is HttpStatusCode.OK or HttpStatusCode.Accepted)
                {
                    signal.Accept(isComplete: status is HttpStatusCode.OK);
                    Interlocked.Increment(ref _accepted);
                    break;
                }

                await Task.Delay(ComeBackAfter);
            }

            await Task.Delay(Pace, _stopSignalling.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<HttpStatusCode?> SendAsync(Signal signal, Entry entry)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(
                $"http://{entry.Address}:{entry.Signals}/!direct-signal?part={signal.Room},1,0&message={signal.Message}&id={signal.Message}"));
            return response.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }
}
