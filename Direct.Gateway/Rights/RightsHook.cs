using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Direct.Edge.Rights;
using Direct.Gateway.Lookups;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Rights;

/// <summary>
/// Looks up rights at a backend. A call is a POST of a JSON array of <c>{"user":…,"group":…,"channel":…}</c>, answered by an array of as many numbers.
/// </summary>
internal sealed class RightsHook : IRightsLookup, IDisposable
{
    /// <summary>Specifies the header of the secret. PHP behind CGI does not receive <c>Authorization</c>, so it is another one.</summary>
    public const string SecretHeader = "X-Direct-Secret";

    private const string Expected = "expected an array of integers";

    private const int MaxAnswerBytes = 64 * 1024;

    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2); // after which the name is resolved again

    private readonly HttpClient _http;
    private readonly Uri _url;
    private readonly TimeSpan _timeout;

    public RightsHook(IOptions<RightsOptions> options)
    {
        _url = new Uri(options.Value.Url!);
        _timeout = options.Value.Timeout;
        Location = _url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // the secret is meant for this address alone
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = _timeout,
            PooledConnectionLifetime = ConnectionLifetime,
        };
        _http = new HttpClient(handler) { Timeout = _timeout, MaxResponseContentBufferSize = MaxAnswerBytes };
        if (!string.IsNullOrEmpty(options.Value.Secret))
        {
            _http.DefaultRequestHeaders.Add(SecretHeader, options.Value.Secret);
        }
    }

    public string Location { get; }

    public async Task<IReadOnlyList<FoundRights>> FindAsync(IReadOnlyList<RightsKey> keys, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(Body(keys));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var answer = await _http.PostAsync(_url, content, cancellationToken);
            return answer.StatusCode is HttpStatusCode.OK
                ? Read(await answer.Content.ReadAsByteArrayAsync(cancellationToken), keys.Count)
                : throw new UnusableSourceException(string.Create(CultureInfo.InvariantCulture, $"the backend answered {(int)answer.StatusCode}, expected 200"));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"the backend did not answer within {_timeout.TotalSeconds:0.###} s"));
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new UnusableSourceException($"the answer of the backend is longer than {MaxAnswerBytes} bytes, {Expected}");
        }
    }

    public void Dispose() => _http.Dispose();

    private static byte[] Body(IReadOnlyList<RightsKey> keys)
    {
        var body = new StringBuilder("[");
        foreach (var (user, group, channel) in keys)
        {
            body.Append(body.Length > 1 ? "," : "");
            body.Append(CultureInfo.InvariantCulture, $"{{\"user\":{user},\"group\":{group},\"channel\":{channel}}}");
        }

        return Encoding.ASCII.GetBytes(body.Append(']').ToString());
    }

    private static List<FoundRights> Read(byte[] answer, int count)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            if (json.RootElement.ValueKind is not JsonValueKind.Array)
            {
                throw new UnusableSourceException($"the backend answered with JSON that is not an array, {Expected}");
            }

            var length = json.RootElement.GetArrayLength();
            return length == count
                ? [.. json.RootElement.EnumerateArray().Select(MaskOf)]
                : throw new UnusableSourceException(string.Create(
                    CultureInfo.InvariantCulture, $"the backend answered with {length} numbers, expected {count}, one for each right that was asked for"));
        }
        catch (JsonException)
        {
            throw new UnusableSourceException($"the answer of the backend is not JSON, {Expected}");
        }
    }

    private static FoundRights MaskOf(JsonElement element) =>
        element.ValueKind is JsonValueKind.Number && element.TryGetInt64(out var mask)
            ? FoundRights.Of(mask)
            : FoundRights.Unusable($"the backend answered with a {element.ValueKind} that is not an integer of 64 bits, {Expected}");
}
