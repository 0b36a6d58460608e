using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Direct.Client;

/// <summary>
/// Sends signals from a backend to the connections of a cluster, and asks the cluster about its connections. Failed calls are repeated, each with the same id, so that no connection gets a
/// message twice. It is safe for concurrent use; one for a program is enough.
/// </summary>
/// <remarks>
/// 500, 502, 503 and 504, answers that do not arrive in <see cref="DirectSignalsOptions.TryTimeout"/>, and connections that break are repeated until
/// <see cref="DirectSignalsOptions.TotalTimeout"/>. Every other refusal throws <see cref="DirectException"/> at once.
/// </remarks>
public sealed class DirectSignals
{
    /// <summary>The name of the <see cref="HttpClient"/> of the factory that is used.</summary>
    internal const string HttpClientName = "Direct.Client";

    private const int LargestPage = 1000;

    private readonly GatewayCaller _gateways;
    private readonly DirectSignalsOptions _options;

    /// <summary>Creates a client without dependency injection. The <paramref name="handler"/> stays open, and may be shared; it should not follow redirects.</summary>
    /// <exception cref="OptionsValidationException">The options are not valid.</exception>
    public DirectSignals(DirectSignalsOptions options, HttpMessageHandler handler, ILogger<DirectSignals>? logger = null, IMeterFactory? meters = null, TimeProvider? time = null)
        : this(options, () => new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan }, logger, meters, time, Random.Shared)
    {
        ArgumentNullException.ThrowIfNull(handler);
    }

    internal DirectSignals(DirectSignalsOptions options, Func<HttpClient> http, ILogger<DirectSignals>? logger, IMeterFactory? meters, TimeProvider? time, Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (new DirectSignalsOptionsValidator().Validate(null, options) is { Failed: true } invalid)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(DirectSignalsOptions), invalid.Failures);
        }

        _options = options;
        _gateways = new GatewayCaller(http, options, new SignalsTelemetry(meters), logger ?? NullLogger<DirectSignals>.Instance, time ?? TimeProvider.System, random);
    }

    /// <summary>Sends a message to the connections that match <paramref name="part"/>. Returns when the cluster has accepted it.</summary>
    /// <param name="part">The connections that get the message.</param>
    /// <param name="message">The message, at most 64 KiB in UTF-8. It may be empty.</param>
    /// <param name="id">
    /// The caller's own name for the signal, 1 to 128 visible ASCII characters, such as <c>order-4711-paid</c>. A repeat with the same id, part and message within 5 minutes is delivered
    /// once, also after a restart of the caller. If it is null, the client makes one for all tries of this call.
    /// </param>
    /// <param name="cancellationToken">Ends the call. The signal may have been sent.</param>
    /// <returns>A receipt with the status 200, or 202 if some gateways have not answered yet.</returns>
    /// <exception cref="DirectException">The signal was refused, or no gateway accepted it in time.</exception>
    public Task<SignalReceipt> SignalAsync(DirectPart part, string message, string? id = null, CancellationToken cancellationToken = default)
    {
        var body = SignalText.Encode(message);
        var sentId = SignalText.CheckId(id);
        var call = new GatewayCall<SignalReceipt>("signal", HttpMethod.Post, $"!direct-signal?part={part}&id={Uri.EscapeDataString(sentId)}", answer => Read(answer, DirectJson.Default.AnswerJson).ToReceipt(answer.Status, sentId))
        {
            Id = sentId,
            Content = () => new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("text/plain", "utf-8") } },
        };
        return _gateways.CallAsync(call, cancellationToken);
    }

    /// <summary>
    /// Sends many signals, in as few requests as the gateways' limits allow, one request after the other, all within <see cref="DirectSignalsOptions.TotalTimeout"/>. Signals without an id get one. Those that a gateway does not accept at first (503)
    /// are sent again; the others are not.
    /// </summary>
    /// <param name="signals">The signals. All are checked before the first one is sent.</param>
    /// <param name="cancellationToken">Ends the call. Some signals may have been sent.</param>
    /// <returns>A receipt for each signal, in the same order. Check <see cref="SignalReceipt.IsAccepted"/>: a refused signal does not throw.</returns>
    /// <exception cref="DirectException">
    /// A request was refused as a whole, or no gateway answered it in time. <see cref="DirectException.Receipts"/> has the receipts of the signals that were answered before.
    /// </exception>
    public async Task<IReadOnlyList<SignalReceipt>> SignalAllAsync(IEnumerable<DirectSignal> signals, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(signals);
        var batches = SignalBatch.Split(signals, _options.MaxBatch, _options.MaxBatchBytes);
        var started = _gateways.Begin();
        try
        {
            foreach (var batch in batches)
            {
                await _gateways.CallAsync(
                    new GatewayCall<SignalBatch>("signal_all", HttpMethod.Post, "!direct-signal", batch.Read) { Content = batch.CreateContent, IsComplete = static batch => batch.IsSettled },
                    started,
                    cancellationToken).ConfigureAwait(false);
            }
        }
        catch (DirectException exception)
        {
            throw new DirectException(exception.Message, exception.Status, exception.Detail, exception.InnerException)
            {
                RetryAfter = exception.RetryAfter,
                Receipts = [.. batches.SelectMany(batch => batch.Receipts)],
            };
        }

        return [.. batches.SelectMany(batch => batch.Receipts)];
    }

    /// <summary>
    /// Lists the users of the connections that match <paramref name="part"/>, ordered by user, group and channel, page by page. A user who joins, leaves or moves meanwhile may be missed or
    /// listed twice.
    /// </summary>
    /// <param name="part">The connections.</param>
    /// <param name="withNames">Whether the rows have the name, nickname and image of the user table. The call is refused (400) if the gateways have no such table.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <exception cref="DirectException">The call was refused, or a gateway did not answer, so that its connections are not in the list.</exception>
    public async IAsyncEnumerable<ConnectedUser> UsersAsync(
        DirectPart part, bool withNames = false, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var first = string.Create(CultureInfo.InvariantCulture, $"!direct-users?part={part}&limit={LargestPage}{(withNames ? "&info=1" : "")}");
        for (var next = first; next is not null;)
        {
            var page = await _gateways.CallAsync(new GatewayCall<UsersJson>("users", HttpMethod.Get, next, static answer => Read(answer, DirectJson.Default.UsersJson)), cancellationToken)
                .ConfigureAwait(false);
            foreach (var user in page.Users)
            {
                yield return user;
            }

            if (!page.Complete)
            {
                throw new DirectException($"The list of users of {part} is not complete: {string.Join(", ", page.Missing)} did not answer.");
            }

            next = page.Next is null ? null : $"{first}&after={Uri.EscapeDataString(page.Next)}";
        }
    }

    /// <summary>Counts the connections that match <paramref name="part"/>, and their users.</summary>
    /// <exception cref="DirectException">The call was refused, or no gateway answered in time.</exception>
    public async Task<ConnectionCount> CountAsync(DirectPart part, CancellationToken cancellationToken = default)
    {
        var call = new GatewayCall<CountJson>("count", HttpMethod.Get, $"!direct-users?part={part}&count=1", static answer => Read(answer, DirectJson.Default.CountJson));
        var count = await _gateways.CallAsync(call, cancellationToken).ConfigureAwait(false);
        return new ConnectionCount(count.Connections, count.Users, count.Gateways, count.Complete, count.Missing);
    }

    /// <summary>Closes the connections that match <paramref name="part"/>. This does not keep a user out: block the user first.</summary>
    /// <param name="part">The connections; <see cref="DirectPart.Everyone"/> is all.</param>
    /// <param name="code">The close code: clients connect again after 4000 to 4499, and do not after 4500 to 4999.</param>
    /// <param name="reason">The reason that clients are told, at most 123 bytes in UTF-8.</param>
    /// <param name="cancellationToken">Ends the call. The connections may be closed.</param>
    /// <exception cref="DirectException">The call was refused, or was not carried out by every gateway in time. It is harmless to repeat it.</exception>
    public Task<CloseResult> CloseAsync(DirectPart part, int code = 4500, string reason = "", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reason);
        ArgumentOutOfRangeException.ThrowIfLessThan(code, 4000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 4999);
        var query = string.Create(CultureInfo.InvariantCulture, $"!direct-close?part={part}&code={code}&reason={Uri.EscapeDataString(reason)}");
        return _gateways.CallAsync(new GatewayCall<CloseResult>("close", HttpMethod.Post, query, static answer => Read(answer, DirectJson.Default.CloseResult)), cancellationToken);
    }

    /// <summary>
    /// Lets the gateways look up the rights of the memberships that match <paramref name="part"/> again, and remove those without the right. Call it after rights were taken away. Gateways
    /// without this call refuse it (404).
    /// </summary>
    /// <exception cref="DirectException">The call was refused, or was not carried out by every gateway in time. It is harmless to repeat it.</exception>
    public Task<RecheckResult> RecheckAsync(DirectPart part, CancellationToken cancellationToken = default) => _gateways.CallAsync(
        new GatewayCall<RecheckResult>("recheck", HttpMethod.Post, $"!direct-recheck?part={part}", static answer => Read(answer, DirectJson.Default.RecheckResult)), cancellationToken);

    private static T Read<T>(GatewayAnswer answer, JsonTypeInfo<T> type)
        where T : class =>
        JsonSerializer.Deserialize(answer.Body, type) ?? throw new JsonException("The answer is null.");
}
