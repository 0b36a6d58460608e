using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Direct.Client;

/// <summary>
/// Calls gateways until one carries out the call, the call is refused, or its time is over. Each try after a failure goes to another gateway, after the time that the gateway named or a
/// random one, whichever is longer. A gateway that cannot be reached is followed by the next at once.
/// </summary>
internal sealed partial class GatewayCaller(
    Func<HttpClient> http, DirectSignalsOptions options, SignalsTelemetry telemetry, ILogger logger, TimeProvider time, Random random)
{
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), random);
    private readonly Uri[] _gateways = [.. options.Gateways.Select(gateway => new Uri(gateway.AbsoluteUri.TrimEnd('/') + '/'))];
    private int _current = random.Next(options.Gateways.Count);

    /// <summary>Begins the time that <see cref="DirectSignalsOptions.TotalTimeout"/> gives to one or several calls.</summary>
    public long Begin() => time.GetTimestamp();

    public Task<T> CallAsync<T>(GatewayCall<T> call, CancellationToken cancellationToken) => CallAsync(call, Begin(), cancellationToken);

    /// <param name="call">The call.</param>
    /// <param name="started">What <see cref="Begin"/> returned.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<T> CallAsync<T>(GatewayCall<T> call, long started, CancellationToken cancellationToken)
    {
        using var recording = telemetry.Start(call.Operation, time);
        try
        {
            return await RepeatAsync(call, recording, started, cancellationToken).ConfigureAwait(false);
        }
        catch (DirectException exception)
        {
            recording.Fail(exception.Message);
            throw;
        }
    }

    private async Task<T> RepeatAsync<T>(GatewayCall<T> call, CallRecording recording, long started, CancellationToken cancellationToken)
    {
        Attempt<T> attempt = default;
        for (var tries = 1; ; tries++)
        {
            var remaining = options.TotalTimeout - time.GetElapsedTime(started);
            if (remaining <= TimeSpan.Zero)
            {
                return attempt.HasResult ? attempt.Result : throw GivenUp(call, attempt, tries - 1);
            }

            var current = Volatile.Read(ref _current);
            attempt = await TryAsync(call, _gateways[current], remaining, cancellationToken).ConfigureAwait(false);
            recording.AddTry(attempt.Answer?.Status);
            if (attempt.HasResult && call.IsComplete(attempt.Result))
            {
                return attempt.Result;
            }

            if (attempt is { HasResult: false, Answer: { MayRepeat: false, IsSuccess: false } refusal })
            {
                throw Refused(call, refusal);
            }

            Interlocked.CompareExchange(ref _current, (current + 1) % _gateways.Length, current);
            var delay = DelayAfter(attempt.Answer, tries);
            if (time.GetElapsedTime(started) + delay >= options.TotalTimeout)
            {
                return attempt.HasResult ? attempt.Result : throw GivenUp(call, attempt, tries);
            }

            Log.TryFailed(logger, call.Operation, call.Id, _gateways[current].Authority, attempt.Answer?.Status, attempt.Failure?.Message, delay);
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Attempt<T>> TryAsync<T>(GatewayCall<T> call, Uri gateway, TimeSpan remaining, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(remaining < options.TryTimeout ? remaining : options.TryTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        GatewayAnswer? answer = null;
        try
        {
            using var request = new HttpRequestMessage(call.Method, new Uri(gateway, call.PathAndQuery)) { Content = call.Content() };
            if (options.Key is { } key)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            }

            using var client = http();
            using var response = await client.SendAsync(request, either.Token).ConfigureAwait(false);
            answer = await GatewayAnswer.ReadAsync(response, time, either.Token).ConfigureAwait(false);
            return answer.IsSuccess ? new Attempt<T>(answer, null, HasResult: true, call.Read(answer)) : new Attempt<T>(answer, null, HasResult: false, default!);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            return new Attempt<T>(answer, new TimeoutException($"No answer within {options.TryTimeout}.", exception), HasResult: false, default!);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
        {
            return new Attempt<T>(answer, exception, HasResult: false, default!);
        }
    }

    private TimeSpan DelayAfter(GatewayAnswer? answer, int tries)
    {
        var delay = answer is null && tries < _gateways.Length ? TimeSpan.Zero : _backoff.Next(tries - 1);
        return answer?.RetryAfter is { } named && named > delay ? named : delay;
    }

    private static DirectException Refused<T>(GatewayCall<T> call, GatewayAnswer answer)
    {
        var problem = answer.ReadProblem();
        return new DirectException($"The gateway refused '{call.Operation}' with {answer.Status}: {problem?.Detail ?? "it gave no reason."}", answer.Status, problem?.Detail)
        {
            Id = call.Id,
            Delivered = problem?.Delivered,
            RetryAfter = answer.RetryAfter,
        };
    }

    private DirectException GivenUp<T>(GatewayCall<T> call, Attempt<T> attempt, int tries)
    {
        var (answer, failure) = (attempt.Answer, attempt.Failure);
        var problem = answer?.ReadProblem();
        var last = answer is null ? "the last one had no answer" : $"the last answer was {answer.Status}";
        var reason = failure?.Message ?? problem?.Detail ?? (tries == 0 ? "the requests before took all the time." : "it gave no reason.");
        Log.GivenUp(logger, call.Operation, call.Id, tries, answer?.Status);
        return new DirectException($"'{call.Operation}' was given up after {tries} tries within {options.TotalTimeout}; {last}: {reason}", answer?.Status, problem?.Detail, failure)
        {
            Id = call.Id,
            Delivered = problem?.Delivered,
            RetryAfter = answer?.RetryAfter,
        };
    }

    private readonly record struct Attempt<T>(GatewayAnswer? Answer, Exception? Failure, bool HasResult, T Result);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Operation} {Id} failed at {Gateway} with status {Status} ({Failure}); the next try is in {Delay}")]
        public static partial void TryFailed(ILogger logger, string operation, string? id, string gateway, int? status, string? failure, TimeSpan delay);

        [LoggerMessage(2, LogLevel.Error, "{Operation} {Id} was given up after {Tries} tries, the last with status {Status}")]
        public static partial void GivenUp(ILogger logger, string operation, string? id, int tries, int? status);
    }
}
