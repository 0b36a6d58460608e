namespace Direct.Client.Tests.Fakes;

/// <summary>Represents a request that reached the <see cref="ScriptedHandler"/>.</summary>
internal sealed record SentRequest(string Method, Uri Url, string Body, string? ContentType, string? Authorization, DateTimeOffset At)
{
    public string Query(string name) => System.Web.HttpUtility.ParseQueryString(Url.Query)[name] ?? "";
}
