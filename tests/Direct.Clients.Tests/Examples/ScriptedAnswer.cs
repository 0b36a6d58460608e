using System.Text;

namespace Direct.Clients.Tests.Examples;

/// <summary>Represents one response of a <see cref="ScriptedNode"/>.</summary>
internal sealed record ScriptedAnswer(int Status, string Body, int? RetryAfterSeconds = null)
{
    /// <summary>Gets a missing response: the connection ends without one.</summary>
    public static ScriptedAnswer None { get; } = new(0, "");

    /// <summary>Returns the whole response as text.</summary>
    public string Render() => Status == 0
        ? ""
        : $"HTTP/1.1 {Status} Scripted\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(Body)}\r\n" +
            $"{(RetryAfterSeconds is { } seconds ? $"Retry-After: {seconds}\r\n" : "")}Connection: close\r\n\r\n{Body}";
}
