using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Timing;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Links;

/// <summary>
/// Makes the calls to one gateway by which lanes recover. When a silo dies, thousands of lanes start at once, so their questions share calls: one is in
/// flight, and what waits meanwhile goes into the next. A recovery decides how long it waits for a gateway.
/// </summary>
/// <remarks>All calls are made outside the turn of the calling grain, for the reason that <see cref="GatewayLink.QueryAsync"/> has.</remarks>
/// <param name="gateway">The gateway's name.</param>
/// <param name="observer">One of its observers; null if it has none.</param>
/// <param name="settings">The settings of all links.</param>
internal sealed partial class RecoverCalls(string gateway, IGatewayObserver? observer, LinkSettings settings)
{
    /// <summary>Specifies the largest number of lanes in one call.</summary>
    public const int MaxLanes = 256;

    // As long as a gateway may take for an answer: IGatewayObserver.RecoverAsync.
    private const int MostTries = 4;

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<Question> _waiting = new();
    private bool _isUnderWay;
    private bool _isClosed;
    private long _unansweredSince; // since when no call has been answered; 0 if none is in flight

    /// <summary>Gets whether the gateway has not answered for longer than a slow one takes.</summary>
    public bool IsUnresponsive =>
        Volatile.Read(ref _unansweredSince) is not 0 and var since && settings.TimeProvider.GetElapsedTime(since) > settings.UnresponsiveAfter;

    /// <inheritdoc cref="IGatewayLink.RecoverAsync" />
    public Task<RecoverAnswer?> AskAsync(RecoverRequest request, CancellationToken cancellationToken)
    {
        var question = new Question(request, cancellationToken);
        lock (_gate)
        {
            if (_isClosed)
            {
                return Task.FromResult<RecoverAnswer?>(null);
            }

            _waiting.Enqueue(question);
            if (!_isUnderWay)
            {
                _isUnderWay = true;
                Background.Run(AskAllAsync);
            }
        }

        return question.Answer.Task.InContext().WaitAsync(cancellationToken);
    }

    /// <inheritdoc cref="IGatewayLink.ReadKeptAsync" />
    public Task<TailPage> ReadAsync(FetchRequest request) => OutsideAsync(() => TryReadAsync(request));

    /// <inheritdoc cref="IGatewayLink.KeepAsync" />
    public Task<bool> KeepAsync(KeepRequest[] requests) => OutsideAsync(() => TryKeepAsync(requests));

    /// <summary>Answers everything that waits with null: the gateway's lease has ended.</summary>
    public void Close()
    {
        List<Question> waiting;
        lock (_gate)
        {
            _isClosed = true;
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        waiting.ForEach(static question => question.Answer.TrySetResult(null));
    }

    private static Task<T> OutsideAsync<T>(Func<Task<T>> call)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Background.Run(async () => result.SetResult(await call()));
        return result.Task.InContext();
    }

    private async Task AskAllAsync()
    {
        while (Take() is { } questions)
        {
            var answers = await TryAskAsync(questions.ConvertAll(static question => question.Request).ToArray());
            for (var i = 0; i < questions.Count; i++)
            {
                questions[i].Answer.TrySetResult(answers?[i]);
            }
        }
    }

    private List<Question>? Take()
    {
        var questions = new List<Question>();
        lock (_gate)
        {
            while (questions.Count < MaxLanes && _waiting.TryDequeue(out var question))
            {
                if (!question.CancellationToken.IsCancellationRequested)
                {
                    questions.Add(question);
                }
            }

            _isUnderWay = questions.Count > 0;
            if (!_isUnderWay)
            {
                _unansweredSince = 0;
            }

            return _isUnderWay ? questions : null;
        }
    }

    private async Task<RecoverAnswer[]?> TryAskAsync(RecoverRequest[] requests)
    {
        if (observer is null)
        {
            return null;
        }

        // A gateway that fails at once is not unresponsive, one that has timed out is until it answers.
        Interlocked.CompareExchange(ref _unansweredSince, settings.TimeProvider.GetTimestamp(), 0);
        try
        {
            var answers = await AskAsync(observer, requests);
            Volatile.Write(ref _unansweredSince, 0);
            if (answers is null || answers.Length == requests.Length)
            {
                return answers;
            }

            Log.Malformed(settings.Logger, gateway, answers.Length, requests.Length);
        }
#pragma warning disable CA1031 // After any exception the gateway counts as not having answered.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (exception is not TimeoutException)
            {
                Volatile.Write(ref _unansweredSince, 0);
            }

            Log.RecoverFailed(settings.Logger, exception, gateway, requests.Length);
        }

        return null;
    }

    // A call may be lost with a silo, and a busy gateway may be late: then a repeat would only make it later. The answer to any of them is as good, because the gateway adds nothing to
    // the logs after its promise.
    private async Task<RecoverAnswer[]?> AskAsync(IGatewayObserver observer, RecoverRequest[] requests)
    {
        var calls = new List<Task<RecoverAnswer[]?>>();
        while (calls.Count < MostTries)
        {
            calls.Add(observer.RecoverAsync(requests));
            var first = Task.WhenAny(calls);
            if (await first.TryWaitAsync(AnswerTimeout, settings.TimeProvider))
            {
                return await await first;
            }
        }

        throw new TimeoutException($"{MostTries} calls were not answered");
    }

    private async Task<TailPage> TryReadAsync(FetchRequest request)
    {
        try
        {
            return observer is null ? TailPage.NotReady : await observer.ReadKeptAsync(request).WaitAsync(AnswerTimeout, settings.TimeProvider);
        }
#pragma warning disable CA1031 // After any exception the gateway counts as not having answered.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.ReadFailed(settings.Logger, exception, gateway, request.Topic);
            return TailPage.NotReady;
        }
    }

    private async Task<bool> TryKeepAsync(KeepRequest[] requests)
    {
        try
        {
            return observer is not null && await observer.KeepAsync(requests).WaitAsync(AnswerTimeout, settings.TimeProvider);
        }
#pragma warning disable CA1031 // After any exception the gateway counts as not having answered.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.KeepFailed(settings.Logger, exception, gateway, requests.Length);
            return false;
        }
    }

    private sealed record Question(RecoverRequest Request, CancellationToken CancellationToken)
    {
        public TaskCompletionSource<RecoverAnswer?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static partial class Log
    {
        [LoggerMessage(GrainEventIds.RecoverFailed, LogLevel.Warning, "Gateway {Gateway} did not answer what it keeps of {Lanes} lanes")]
        public static partial void RecoverFailed(ILogger logger, Exception exception, string gateway, int lanes);

        [LoggerMessage(GrainEventIds.RecoverAnswerMalformed, LogLevel.Error, "Gateway {Gateway} has answered what it keeps of {Answers} lanes instead of {Lanes}; it counts as unanswered")]
        public static partial void Malformed(ILogger logger, string gateway, int answers, int lanes);

        [LoggerMessage(GrainEventIds.ReadKeptFailed, LogLevel.Warning, "Reading messages of topic {Topic} from gateway {Gateway} failed")]
        public static partial void ReadFailed(ILogger logger, Exception exception, string gateway, TopicKey topic);

        [LoggerMessage(GrainEventIds.KeepFailed, LogLevel.Warning, "Gateway {Gateway} did not answer to the new logs of {Topics} topics; it fetches them itself when it gets their next message")]
        public static partial void KeepFailed(ILogger logger, Exception exception, string gateway, int topics);
    }
}
