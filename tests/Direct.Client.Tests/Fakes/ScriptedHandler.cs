using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Direct.Client.Tests.Fakes;

/// <summary>Answers requests in the order of a script, the last entry for all further ones, and records them.</summary>
internal sealed class ScriptedHandler(TimeProvider time, params Func<SentRequest, HttpResponseMessage>[] script) : HttpMessageHandler
{
    private readonly ConcurrentQueue<SentRequest> _requests = new();

    public IReadOnlyList<SentRequest> Requests => [.. _requests];

    /// <summary>Gets the answer that never comes.</summary>
    public static Func<SentRequest, HttpResponseMessage> Silence { get; } = _ => throw new SilenceException();

    /// <summary>Gets the connection that breaks.</summary>
    public static Func<SentRequest, HttpResponseMessage> Broken { get; } = _ => throw new HttpRequestException("connection refused");

    /// <summary>Gets the receipt of a single signal.</summary>
    public static Func<SentRequest, HttpResponseMessage> Accepted { get; } = sent => Create(200, $$"""{"id":"{{sent.Query("id")}}","delivered":1,"gateways":1}""");

    public static Func<SentRequest, HttpResponseMessage> Answer(int status, string body, int? retryAfterSeconds = null) => _ => Create(status, body, retryAfterSeconds);

    public static HttpResponseMessage Create(int status, string body, int? retryAfterSeconds = null)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (retryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
        }

        return response;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var sent = new SentRequest(request.Method.Method, request.RequestUri!, body, request.Content?.Headers.ContentType?.ToString(), request.Headers.Authorization?.ToString(), time.GetUtcNow());
        var turn = _requests.Count;
        _requests.Enqueue(sent);
        try
        {
            return script[Math.Min(turn, script.Length - 1)](sent);
        }
        catch (SilenceException)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw;
        }
    }

    private sealed class SilenceException : Exception;
}
