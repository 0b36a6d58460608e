using System.Text.Json;

namespace Direct.Client;

/// <summary>Represents an HTTP answer that has been read completely.</summary>
internal sealed record GatewayAnswer(int Status, byte[] Body, TimeSpan? RetryAfter)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Gets whether the same call may succeed later. After 500, 502 and 504 it is not known whether it was carried out.</summary>
    public bool MayRepeat => Status is 500 or 502 or 503 or 504;

    /// <summary>Returns the problem (RFC 9457) that the body describes; null if it is something else, such as a page of a load balancer.</summary>
    public AnswerJson? ReadProblem()
    {
        try
        {
            return JsonSerializer.Deserialize(Body, DirectJson.Default.AnswerJson);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static async Task<GatewayAnswer> ReadAsync(HttpResponseMessage response, TimeProvider time, CancellationToken cancellationToken)
    {
        var retryAfter = response.Headers.RetryAfter;
        var wait = retryAfter?.Delta ?? retryAfter?.Date - time.GetUtcNow();
        return new GatewayAnswer(
            (int)response.StatusCode,
            await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false),
            wait < TimeSpan.Zero ? TimeSpan.Zero : wait);
    }
}
