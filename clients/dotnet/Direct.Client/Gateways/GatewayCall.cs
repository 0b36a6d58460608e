namespace Direct.Client;

/// <summary>Describes a call that any gateway may carry out, and that may be repeated.</summary>
/// <param name="Operation">The name of the call in metrics, logs and spans.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="PathAndQuery">The path, relative to the address of a gateway, and the query.</param>
/// <param name="Read">Reads a successful answer. It throws <see cref="System.Text.Json.JsonException"/> if the answer is not a gateway's.</param>
internal sealed record GatewayCall<T>(string Operation, HttpMethod Method, string PathAndQuery, Func<GatewayAnswer, T> Read)
{
    /// <summary>Gets the id of the signal.</summary>
    public string? Id { get; init; }

    /// <summary>Gets the function that makes the body of each try.</summary>
    public Func<HttpContent?> Content { get; init; } = static () => null;

    /// <summary>Gets the function that says whether a result is complete. The call is repeated while it is not.</summary>
    public Func<T, bool> IsComplete { get; init; } = static _ => true;
}
